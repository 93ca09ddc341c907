// The settings of a model, chosen on validation users inside a time budget.
//
// The first trial is the documented defaults; then settings are drawn at random: at first over the whole documented
// range of each, later mostly near the best found so far (a random search that turns into a local one). A tree-structured
// Parzen estimator was tried in its place and lost: on smooth, narrow and rippled hills of two to four settings it was
// up to several times as far from the top after 20 and after 40 trials.
//
// What a trial draws depends on the seed, its number and the trials before it only: a search that goes on from the
// trials of an earlier one is the search that was never stopped. Where it stops depends on the clock.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "learn/eval/ranking.h"

namespace zhiyin {

struct Trial {
  Params params;       // complete where it was trained
  double value = 0;    // of the objective
  double seconds = 0;  // of training and validation
  std::string error;   // why these settings could not be trained; value means nothing then
};

struct TuningOptions {
  MetricKey objective;         // higher is better; a mean over users
  double budget_s = 60;        // for trials and one more fit like the longest of them
  int most_trials = 40;        // those of `earlier` among them
  std::vector<Trial> earlier;  // of the same model, data, objective and seed, in order
  std::uint64_t seed = 42;
  int threads = 1;
  std::function<void(int trial)> on_trial = [](int) {};
  std::function<void(const Trial&)> on_done = [](const Trial&) {};
};

struct Tuned {
  Params params;         // of the best trial, complete
  double objective = 0;  // its value
  int trials = 0;        // that could be trained, earlier ones among them; 1 where there is nothing to tune
};

// The first trial runs whatever the budget. An error only where no trial could be trained.
Result<Tuned> tune(std::string_view model, const TrainingData& train, std::span<const RankingCase> validation,
                   const TuningOptions& options);

}  // namespace zhiyin
