// A table over a split that the user brings: files of training, test and perhaps validation events.
//
// Each model is tuned on validation inside its documented ranges, trained again on all of train with the best settings,
// and asked once for every test user: full ranking over all items of the files, those of the user's train (and valid,
// if given) events masked. Validation where none is given: the last event of each user where every test user has one
// item (a next-item split), else a tenth of train drawn at random with a fixed seed. A model never sees validation or
// test events in training for its final row, but for those that train itself held.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/measure/metrics.h"
#include "learn/eval/features.h"
#include "learn/eval/held_out.h"
#include "learn/eval/table.h"

namespace zhiyin {

struct SplitOptions {
  std::filesystem::path train;  // files as read_pairs() takes them
  std::filesystem::path test;
  std::filesystem::path valid;  // empty: taken from train
  std::vector<FeatureFile> features;
  std::vector<std::string> models;
  std::vector<MetricKey> metrics;  // empty: recall, ndcg, hr, coverage at 10, 20, 50, 100
  ModelParams params;              // a model named here is not tuned: these settings, defaults for the rest
  double budget_minutes = 30;      // for tuning and fits together; 0: every model with its defaults
  std::uint64_t seed = 42;
  int threads = 1;
  std::filesystem::path trec_out;  // empty: lists are not written
  EvaluateProgress on_progress = [](std::string_view, std::size_t, std::size_t) {};
};

// What the files say, ready to be asked; exposed so that tests can look at it.
struct SplitData {
  Ids ids;  // items are numbered in the order of their ids
  HeldOut held_out;
};
Result<SplitData> load_split(const SplitOptions& options);

// One row a model, in block main. An event counts as a positive when its value is above 0 or not given. A model that
// cannot be trained on this data is left out with a warning; none left is an error. results: users, items,
// train_events, test_events, valid_events, and those of held_out.h.
Result<Table> evaluate_split(const SplitOptions& options);

}  // namespace zhiyin
