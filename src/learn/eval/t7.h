// T7, ranking: the chance that somebody likes what they are shown.
//
// Every rating of MovieLens 100K is an impression, 4 stars or more a yes. In the order of time the first 80% are
// learned from, the next 10% stop training and calibrate, the last 10% are predicted; nearly all who are asked about
// then are new. A row says who is asked (age, sex, occupation), about what (genres, year), when (hour, weekday), and
// what had been seen of both until that moment: how often either was liked, and this user these genres, how this
// user's last three, ten and thirty impressions went, and what the last hundred liked and the last hundred others were.
#pragma once

#include <filesystem>

#include "learn/eval/ranking.h"
#include "learn/eval/table.h"
#include "match/rank/ranker.h"

namespace zhiyin {

struct T7Options {
  std::filesystem::path data;  // a data root with interactions/ml-100k, or that folder: u.data, u.user, u.item, u.genre
  std::vector<std::string> models;  // empty: logistic, fm, dcn
  ModelParams params;               // settings in place of the defaults
  std::uint64_t seed = 42;
  int threads = 1;
  EvaluateProgress on_progress = [](std::string_view, std::size_t, std::size_t) {};
};

// Each model is trained three times, from `seed` on; main has the means, blocks seed-N the single ones.
// Metrics auc, gauc (within each user, weighted by rows), logloss and ece, after calibration; block uncalibrated has
// the same before it, block valid that on the part that stops training, by which settings may be chosen. results:
// train_rows, valid_rows, test_rows, features, and difference.A-B.auc of neighbours in the table with .low and .high
// (95% bootstrap over users).
Result<Table> evaluate_t7(const T7Options& options);

// The rows of the three parts, exposed so that tests can look at them.
struct T7Data {
  std::string sha256;
  ImpressionRows train, valid, test;
  std::vector<std::uint32_t> valid_users, test_users;
};
Result<T7Data> load_t7(const std::filesystem::path& dir);

}  // namespace zhiyin
