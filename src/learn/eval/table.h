// A table of results: one row a model and block, every row with what it was measured on and what it cost.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/measure/intervals.h"
#include "base/measure/machine.h"
#include "base/measure/metrics.h"
#include "match/model.h"

namespace zhiyin {

struct Row {
  std::string block;         // "main", or what the table names; single ones "seed-N", "fold-N"
  std::string data;          // the data set's name
  std::string split_sha256;  // of the split in its canonical text
  std::string model;
  Params params;
  std::vector<std::pair<std::string, double>> metrics;  // by metric key, in the order asked for
  std::vector<std::pair<std::string, Interval>> ci95;   // of the metrics that are means over users
  double train_s = 0;                                   // wall seconds of one training
  double cpu_s = 0;                                     // CPU seconds of one training, all threads
  double peak_rss_mib = 0;                              // of the process while training
};

struct Table {
  std::string name;
  std::uint64_t seed = 42;
  Machine machine;
  std::vector<Row> rows;
  std::vector<std::pair<std::string, double>> results;  // single figures
};

// {"table","seed","machine","rows":[{"block","data","split_sha256","model","params","metrics","ci95","train_s","cpu_s",
// "peak_rss_mib"}],"results"}; an interval is [low, high].
Json to_json(const Table& table);

// For a terminal: machine, then one aligned table a block, half the 95% interval beside each mean. Blocks of single
// folds are left to the JSON.
std::string to_text(const Table& table);

// difference.MODEL-REFERENCE.METRIC of the means over users, with .low and .high (95% interval) and .p (sign-flip
// test).
void add_differences(Table& table, const std::string& prefix, const std::string& model, const std::string& reference,
                     std::span<const MetricKey> metrics, const std::vector<std::vector<double>>& of_model,
                     const std::vector<std::vector<double>>& of_reference);

// Told how far a table has come: what is being done, and done of total steps.
using EvaluateProgress = std::function<void(std::string_view what, std::size_t done, std::size_t total)>;

}  // namespace zhiyin
