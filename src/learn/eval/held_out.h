// One cut of the data into what models learn from, what chooses their settings and what they are asked; and the rows of
// a table over it. Full ranking over all items, what the user is known to have touched masked.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "learn/eval/datasets.h"
#include "learn/eval/ranking.h"
#include "learn/eval/table.h"
#include "learn/eval/trec.h"

namespace zhiyin {

struct HeldOut {
  std::string data;           // the set's name, for the rows
  std::string sha256;         // of the cut
  Interactions train;         // for the final fit
  Interactions tuning_train;  // for choosing settings by `valid`; empty where nothing is to be chosen
  std::vector<RankingCase> test;
  std::vector<RankingCase> valid;
  CaseNames names;        // of test and of items
  ItemFeatures features;  // dim 0 where none are given
};

// Rows by user as the matrix that models learn from; users without events are none of the model's.
Interactions matrix_of(const std::vector<UserRow>& rows, std::size_t items);

// A case for each user who is asked for something, in the order of users; `also_masked` may be empty.
std::vector<RankingCase> cases_of(const std::vector<UserRow>& known, const std::vector<UserRow>& asked,
                                  const std::vector<UserRow>& also_masked = {});

// Takes validation events out of train: each user's last event, or a tenth at random. Every user keeps at least one.
std::vector<UserRow> take_validation(std::vector<UserRow>& train, bool next_item, std::uint64_t seed);

std::size_t count_events(std::span<const RankingCase> cases);

struct Contestant {
  std::string model;
  Params params = {};  // what is not said is the model's default
  bool tune = false;   // choose inside the documented ranges by `valid`, in place of params
};

// Those among `all` that `models` names, or all where it is empty. An error where it names one that is not there.
Result<std::vector<Contestant>> named(std::vector<Contestant> all, const std::vector<std::string>& models);

struct Contest {
  std::string block = "main";
  std::vector<Contestant> contestants;
  std::vector<MetricKey> metrics;
  double budget_s = 0;  // for choosing settings and fits together, shared by all who are tuned
  std::uint64_t seed = 42;
  int threads = 1;
  std::filesystem::path trec_out;  // where lists are written (learn/eval/trec.h), blocks other than main in folders of
                                   // their own; empty: nowhere
  EvaluateProgress on_progress = [](std::string_view, std::size_t, std::size_t) {};
};

// One row a contestant. A model that cannot be trained on this data is left out with a warning; none left, or no test
// case, is an error.
// results: trials.MODEL and valid.MODEL.METRIC for each that was tuned; where ials is among them, the paired
// differences to it (add_differences()); in blocks other than main their names begin with the block's.
Result<void> add_rows(const HeldOut& data, const Contest& contest, Table& table);

}  // namespace zhiyin
