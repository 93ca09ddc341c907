#include "learn/eval/tuning.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "match/registry/registry.h"

namespace zhiyin {
namespace {

// A setting between the ends of its range, as a place in [0, 1] on the range's own scale.
double value_at(const ParamRange& range, double place) {
  place = std::clamp(place, 0.0, 1.0);
  const double value = range.log_scale ? std::exp(std::lerp(std::log(range.low), std::log(range.high), place))
                                       : std::lerp(range.low, range.high, place);
  // Three digits: settings that a person can read and copy, and no less good.
  const double unit = value == 0 ? 1.0 : std::pow(10.0, std::floor(std::log10(std::abs(value))) - 2);
  return std::clamp(std::round(value / unit) * unit, range.low, range.high);
}

double place_of(const ParamRange& range, double value) {
  if (range.high <= range.low) return 0;
  return range.log_scale ? std::log(value / range.low) / std::log(range.high / range.low)
                         : (value - range.low) / (range.high - range.low);
}

// A quarter of all trials look anywhere, and at least one per setting; the rest near the best.
bool looks_anywhere(int trial, std::size_t settings) {
  return trial <= static_cast<int>(2 * settings) || trial % 4 == 0;
}

Params draw(std::span<const ParamRange> ranges, int trial, const Params& best, Random& random) {
  constexpr double kStep = 0.12;  // of a range, one standard deviation
  Params params;
  for (const auto& range : ranges) {
    const double anywhere = random.uniform();
    const double nearby = place_of(range, best.find(range.name)->second) + kStep * random.normal();
    params.emplace(range.name, value_at(range, looks_anywhere(trial, ranges.size()) ? anywhere : nearby));
  }
  return params;
}

}  // namespace

Result<Tuned> tune(std::string_view model, const TrainingData& train, std::span<const RankingCase> validation,
                   const TuningOptions& options) {
  const auto ranges = param_ranges(model);
  const std::array objective{options.objective};
  const Stopwatch clock;
  Random random(options.seed);
  Params settings;
  for (const auto& range : ranges) settings.emplace(range.name, range.initial);
  Params best = settings;
  Tuned tuned;
  double longest_s = 0;
  bool found = false;
  for (int trial = 0; trial < options.most_trials; ++trial) {
    if (trial > 0) {
      if (ranges.empty() || clock.seconds() + 2 * longest_s > options.budget_s) break;
      settings = draw(ranges, trial, best, random);
    }
    options.on_trial(trial);
    const Stopwatch trial_clock;
    auto fitted = fit(model, settings, train, options.seed, options.threads);
    if (!fitted.ok()) {
      // Settings that this data cannot be fitted with (a collapse, say) are a bad trial, not the end of the search.
      if (trial + 1 == options.most_trials && !found) return std::move(fitted).error();
      if (ranges.empty()) return std::move(fitted).error();
      log_debug("tuning {}: trial {}: {}", model, trial, fitted.error().message);
      continue;
    }
    const double value = rank_all(*fitted->model, validation, objective, options.threads).means.front();
    longest_s = std::max(longest_s, trial_clock.seconds());
    ++tuned.trials;
    if (!found || value > tuned.objective) {
      found = true;
      best = settings;
      tuned.params = fitted->model->params();
      tuned.objective = value;
    }
  }
  if (!found) return invalid("no settings inside the documented ranges could be trained on this data");
  return tuned;
}

}  // namespace zhiyin
