#include "learn/eval/tune_model.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "base/file.h"
#include "base/json.h"
#include "base/lines.h"
#include "base/log.h"
#include "match/registry/registry.h"

namespace zhiyin {
namespace {

HeldOut cut(std::vector<UserRow> train, std::vector<UserRow> valid, std::size_t items, const std::string& sha256) {
  HeldOut data;
  data.tuning_train = matrix_of(train, items);
  data.valid = cases_of(train, valid);
  data.sha256 = sha256;
  return data;
}

Json to_json(const Params& params) {
  auto json = Json::object();
  for (const auto& [name, value] : params) json.set(name, value);
  return json;
}

Params params_from(const Json& json) {
  Params params;
  for (const auto& [name, value] : json.members()) params.emplace(name, value.as_number());
  return params;
}

Result<std::vector<Trial>> read_trials(const std::filesystem::path& file) {
  std::vector<Trial> trials;
  if (!std::filesystem::exists(file)) return trials;
  ZY_TRY(const auto text, read_file(file));
  for (Lines lines(text); const auto line = lines.next();) {
    const auto place = fmt::format("{}:{}", file.string(), lines.number());
    auto json = Json::parse(*line);
    const bool last = line->data() + line->size() == text.data() + text.size();
    if (!json.ok() && last) {  // the call that wrote it was killed
      log_warning("{}: is cut off: this trial runs again", place);
      break;
    }
    if (!json.ok()) return std::move(json).error().in(place);
    const auto& trial = json.value();
    if (!trial["params"].is_object() || !(trial["value"].is_number() || trial["error"].is_string()))
      return corrupt(fmt::format("{}: is no trial: move the file away to start anew", place));
    trials.push_back({.params = params_from(trial["params"]),
                      .value = trial["value"].as_number(),
                      .seconds = trial["seconds"].as_number(),
                      .error = std::string(trial["error"].as_string())});
  }
  return trials;
}

std::string line_of(std::string_view model, MetricKey metric, std::size_t number, const Trial& trial) {
  auto json = Json::object({{"trial", number},
                            {"model", model},
                            {"metric", metric.text()},
                            {"seconds", trial.seconds},
                            {"params", to_json(trial.params)}});
  if (trial.error.empty()) {
    json.set("value", trial.value);
  } else {
    json.set("error", trial.error);
  }
  return json.dump() + "\n";
}

}  // namespace

HeldOut tuning_data(const TrainingSet& set, ItemFeatures features, Validation validation, std::uint64_t seed) {
  std::vector<Interaction> events;
  std::string text = validation == Validation::kLast ? "last\n" : "tenth\n";
  for (UserIndex user = 0; user < set.positives.users(); ++user) {
    const auto items = set.positives.row(user);
    for (std::size_t i = 0; i < items.size(); ++i) {
      events.push_back({user, items[i], 1.0F, set.positives.times(user)[i]});
      text += fmt::format("{}\t{}\t{}\n", set.users[user].value, set.items[items[i]].value, events.back().time);
    }
  }
  auto train = rows_by_user(events, set.users.size());
  auto valid = take_validation(train, validation == Validation::kLast, seed);
  auto data = cut(std::move(train), std::move(valid), set.items.size(), sha256_hex(text));
  data.features = std::move(features);
  return data;
}

Result<HeldOut> tuning_data(const std::filesystem::path& train_file, const std::filesystem::path& valid_file,
                            Validation validation, std::uint64_t seed) {
  Ids ids;
  ZY_TRY(auto train_events, read_pairs(train_file, ids));
  EventFile valid_events;
  if (!valid_file.empty()) {
    ZY_TRY(valid_events, read_pairs(valid_file, ids));
  }
  const auto numbers = ids.items.sort();
  const auto rows_of = [&](EventFile& file) {
    std::erase_if(file.events, [](const Interaction& event) { return event.weight <= 0; });
    for (auto& event : file.events) event.item = numbers[event.item];
    return rows_by_user(file.events, ids.users.size());
  };
  auto train = rows_of(train_events);
  auto valid = rows_of(valid_events);
  const bool last = validation == Validation::kLast;
  if (valid_file.empty()) valid = take_validation(train, last, seed);
  const auto how = valid_file.empty() ? std::string(last ? "last" : "tenth") : valid_events.sha256;
  return cut(std::move(train), std::move(valid), ids.items.size(),
             sha256_hex(fmt::format("{}\n{}\n", train_events.sha256, how)));
}

Result<TuneReport> tune_model(std::string_view model, const HeldOut& data, const std::filesystem::path& runs,
                              TuningOptions options) {
  ZY_CHECK_OK(make_model(model, {}));
  if (data.valid.empty())
    return invalid("nobody has done enough to validate on: an event of a user with at least two is needed");
  const auto key = sha256_hex(fmt::format("{} {} {}", data.sha256, options.objective.text(), options.seed));
  TuneReport report{.trials = runs / "tune" / fmt::format("{}-{}.jsonl", model, key.substr(0, 12))};
  std::error_code failed;
  std::filesystem::create_directories(report.trials.parent_path(), failed);
  if (failed)
    return internal(fmt::format("{}: cannot create: {}", report.trials.parent_path().string(), failed.message()));
  ZY_TRY(options.earlier, read_trials(report.trials));
  report.earlier = static_cast<int>(options.earlier.size());

  // Written anew without what was cut off, then a line a trial.
  std::string lines;
  auto all = options.earlier;
  for (std::size_t t = 0; t < all.size(); ++t) lines += line_of(model, options.objective, t, all[t]);
  ZY_CHECK_OK(write_file_atomic(report.trials, lines));
  std::ofstream file(report.trials, std::ios::app);
  options.on_done = [&](const Trial& trial) {
    file << line_of(model, options.objective, all.size(), trial) << std::flush;
    all.push_back(trial);
  };
  ZY_TRY(report.tuned,
         tune(model, {.interactions = data.tuning_train, .features = data.features.dim > 0 ? &data.features : nullptr},
              data.valid, options));
  if (!file) return internal(fmt::format("{}: cannot be written", report.trials.string()));
  report.defaults = all.front().error.empty() ? all.front().value : std::numeric_limits<double>::quiet_NaN();
  return report;
}

Result<void> keep_best(const std::filesystem::path& runs, std::string_view model, const Tuned& tuned, MetricKey metric,
                       const std::string& data_sha256) {
  const auto path = runs / "best.json";
  auto best = Json::object();
  if (std::filesystem::exists(path)) {
    ZY_TRY(const auto text, read_file(path));
    ZY_TRY(best, Json::parse(text).in(path.string()));
  }
  best.set(std::string(model), Json::object({{"params", to_json(tuned.params)},
                                             {"metric", metric.text()},
                                             {"value", tuned.objective},
                                             {"trials", tuned.trials},
                                             {"data", data_sha256}}));
  return write_file_atomic(path, best.pretty() + "\n");
}

Result<ModelParams> read_best(const std::filesystem::path& runs) {
  const auto path = runs / "best.json";
  ModelParams best;
  if (!std::filesystem::exists(path)) return best;
  ZY_TRY(const auto text, read_file(path));
  ZY_TRY(const auto json, Json::parse(text).in(path.string()));
  for (const auto& [model, found] : json.members()) best.emplace(model, params_from(found["params"]));
  return best;
}

}  // namespace zhiyin
