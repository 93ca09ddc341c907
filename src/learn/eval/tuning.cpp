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

// The other way; a default may lie outside of the range (0 on a logarithmic scale).
double place_of(const ParamRange& range, double value) {
  if (range.high <= range.low) return 0;
  value = std::clamp(value, range.low, range.high);
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
    const auto known = best.find(range.name);
    const double from = place_of(range, known == best.end() ? range.initial : known->second);
    const double nearby = from + kStep * random.normal();
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
  Tuned tuned;
  Error last_error;
  double longest_s = 0;
  const auto take = [&](const Trial& trial) {
    longest_s = std::max(longest_s, trial.seconds);
    if (!trial.error.empty()) return;
    if (tuned.trials == 0 || trial.value > tuned.objective) {
      tuned.params = trial.params;
      tuned.objective = trial.value;
    }
    ++tuned.trials;
  };
  for (const auto& trial : options.earlier) take(trial);
  for (auto number = static_cast<int>(options.earlier.size()); number < options.most_trials; ++number) {
    Trial trial;
    if (number == 0) {
      for (const auto& range : ranges) trial.params.emplace(range.name, range.initial);
    } else {
      if (ranges.empty() || clock.seconds() + 2 * longest_s > options.budget_s) break;
      Random random(options.seed, static_cast<std::uint64_t>(number));
      trial.params = draw(ranges, number, tuned.params, random);
    }
    options.on_trial(number);
    const Stopwatch trial_clock;
    auto fitted = fit(model, trial.params, train, options.seed, options.threads);
    if (fitted.ok()) {
      trial.params = fitted->model->params();
      trial.value = rank_all(*fitted->model, validation, objective, options.threads).means.front();
    } else {
      // Settings that this data cannot be fitted with (a collapse, say) are a bad trial, not the end of the search.
      trial.error = fitted.error().message;
      last_error = std::move(fitted).error();
      log_debug("tuning {}: trial {}: {}", model, number, trial.error);
    }
    trial.seconds = trial_clock.seconds();
    take(trial);
    options.on_done(trial);
    if (ranges.empty()) break;
  }
  if (tuned.trials > 0) return tuned;
  if (!last_error.message.empty()) return last_error;
  return invalid("no settings inside the documented ranges could be trained on this data");
}

}  // namespace zhiyin
