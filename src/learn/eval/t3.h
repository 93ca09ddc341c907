// T3, ratings: how far a predicted rating is from the one that was given.
//
// Block main: five random folds of all ratings, each predicted from the other four; root mean squared and mean absolute
// error over all of them, predictions clipped to the range of the ratings learned from. Block time: the last 20% of the
// ratings are predicted from those before; users and items that are new by then are predicted too.
#pragma once

#include <filesystem>

#include "learn/eval/table.h"

namespace zhiyin {

struct T3Options {
  std::filesystem::path data;       // see find_ratings()
  std::vector<std::string> models;  // empty: T3's own: mean (of all ratings), bias (user and item), mf
  std::uint64_t seed = 42;
  int threads = 1;
  EvaluateProgress on_progress = [](std::string_view, std::size_t, std::size_t) {};
};

// Metrics rmse and mae, their intervals over users. results: users, items, ratings.
Result<Table> evaluate_t3(const T3Options& options);

}  // namespace zhiyin
