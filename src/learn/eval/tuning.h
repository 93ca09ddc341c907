// The settings of a model, chosen on validation users inside a time budget.
//
// The first trial is the documented defaults; then settings are drawn at random: at first over the whole documented
// range of each, later mostly near the best found so far (a random search that turns into a local one). It is this
// simple on purpose: trials repeat for a seed, and only where the search stops depends on the clock.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "learn/eval/ranking.h"

namespace zhiyin {

struct TuningOptions {
  MetricKey objective;   // higher is better; a mean over users
  double budget_s = 60;  // for trials and one more fit like the longest of them
  int most_trials = 40;
  std::uint64_t seed = 42;
  int threads = 1;
  std::function<void(int trial)> on_trial = [](int) {};
};

struct Tuned {
  Params params;         // of the best trial, complete
  double objective = 0;  // its value
  int trials = 0;        // that were run; 1 where the model has nothing to tune or the time was up
};

// The first trial runs whatever the budget. An error only where no trial could be trained.
Result<Tuned> tune(std::string_view model, const TrainingData& train, std::span<const RankingCase> validation,
                   const TuningOptions& options);

}  // namespace zhiyin
