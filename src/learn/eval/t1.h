// T1, strong generalisation: how well a model serves people whom it has never seen in training.
//
// For each of five folds of users (learn/eval/t1_split.h), a model is trained on the whole rows of all other users; a
// held-out user shows 80% of their row and is asked about the rest. Full ranking over all items, the shown ones masked
// (Liang et al. 2018, with folds in place of one test set). Models run with their documented defaults unless settings
// are given: nothing is tuned here.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/measure/metrics.h"
#include "learn/eval/ranking.h"
#include "learn/eval/table.h"

namespace zhiyin {

struct T1Options {
  std::filesystem::path data;  // see find_ratings()
  std::vector<std::string> models{"random", "pop",         "itemknn", "ease",  "ials",
                                  "bpr",    "logistic_mf", "softmax", "neumf", "ensemble"};
  ModelParams params;                    // settings in place of the defaults
  std::vector<MetricKey> metrics;        // empty: T1's own
  std::vector<std::uint64_t> seeds{42};  // of the split and of training; several: each gets its block
  std::filesystem::path split_folder;    // where splits are kept; empty: they are not written
  int threads = 1;
  EvaluateProgress on_progress = [](std::string_view, std::size_t, std::size_t) {};
};

// Block main is the mean over folds and seeds, its intervals over users; fold-N holds single folds where there is one
// seed, seed-N single seeds where there are several. results: users, items, interactions, and for each model and metric
// the paired difference to ials: difference.MODEL-ials.METRIC, with .low, .high (95% interval) and .p (sign-flip test).
// A split is written once to split_folder; one that is there must be the same, byte by byte, else the call fails.
Result<Table> evaluate_t1(const T1Options& options);

}  // namespace zhiyin
