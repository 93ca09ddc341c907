#include <fmt/format.h>

#include "app/cli/verbs_sdk.h"
#include "app/config/settings.h"
#include "app/operate/home.h"
#include "base/log.h"
#include "learn/eval/tune_model.h"
#include "learn/train.h"
#include "match/registry/registry.h"

namespace zhiyin {
namespace {

struct Arguments {
  std::string model;
  std::filesystem::path train;
  std::filesystem::path valid;
  std::string hold = "last";
  std::string metric = "ndcg@20";
  double budget_minutes = 10;
  std::uint64_t seed = 42;
};

Result<HeldOut> read_home(const std::filesystem::path& path, Validation validation, std::uint64_t seed) {
  ZY_TRY(const auto settings, load_settings(path / "zhiyin.toml"));
  ZY_TRY(const auto home, open_home(path, HomeMode::kMustExist));
  ZY_TRY(const auto set, read_training_set(*home.store, *home.log, settings.service.live.events));
  return tuning_data(set, training_features(set), validation, seed);
}

Result<void> run(const Globals& globals, const Arguments& arguments) {
  ZY_TRY(const auto metric, parse_metric_key(arguments.metric));
  if (!metric.per_user())
    return invalid(fmt::format("{} is not a mean over users: tune by ndcg@20, say", metric.text()));
  if (arguments.train.empty() && !arguments.valid.empty()) return invalid("--valid needs --train beside it");
  const auto validation = arguments.hold == "last" ? Validation::kLast : Validation::kTenth;
  const bool own = arguments.train.empty();
  ZY_TRY(const auto data, own ? read_home(globals.home, validation, arguments.seed)
                              : tuning_data(arguments.train, arguments.valid, validation, arguments.seed));
  const auto runs = globals.home / "runs";
  ZY_TRY(const auto report,
         tune_model(arguments.model, data, runs,
                    {.objective = metric,
                     .budget_s = arguments.budget_minutes * 60,
                     .most_trials = 1000,
                     .seed = arguments.seed,
                     .threads = globals.threads,
                     .on_trial = [&](int trial) { log_info("tune {}: trial {}", arguments.model, trial + 1); }}));
  if (own) ZY_CHECK_OK(keep_best(runs, arguments.model, report.tuned, metric, data.sha256));
  std::string options;
  auto params = Json::object();
  for (const auto& [name, value] : report.tuned.params) {
    options += fmt::format(" --params {}:{}={:g}", arguments.model, name, value);
    params.set(name, value);
  }
  globals.print(Json::object({{"model", arguments.model},
                              {"metric", metric.text()},
                              {"value", report.tuned.objective},
                              {"defaults", report.defaults},
                              {"params", std::move(params)},
                              {"trials", report.tuned.trials},
                              {"earlier", report.earlier},
                              {"file", report.trials.string()}}),
                fmt::format("{}: {} {:.4f} on validation (defaults {:.4f}), the best of {} trials, {} of them earlier "
                            "ones\n{}\ntrials are in {}{}",
                            arguments.model, metric.text(), report.tuned.objective, report.defaults,
                            report.tuned.trials, report.earlier, options.empty() ? " nothing to set" : options,
                            report.trials.string(), own ? "; `zhiyin train --tuned` takes the best" : ""));
  return {};
}

}  // namespace

void add_tune(CLI::App& app, Globals& globals) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("tune", "choose a model's settings on what people did; goes on where it stopped");
  verb->add_option("model", arguments->model, "the model")->required();
  verb->add_option("--train", arguments->train, "a file in place of the home's behaviour, as evaluate split takes it");
  verb->add_option("--valid", arguments->valid, "a file of validation events; without it they are held out of train");
  verb->add_option("--hold", arguments->hold, "what is held out: the last event of each user, or a tenth of each row")
      ->check(CLI::IsMember({"last", "tenth"}))
      ->capture_default_str();
  verb->add_option("--metric", arguments->metric, "what to choose by, KEY@K")->capture_default_str();
  verb->add_option("--budget", arguments->budget_minutes, "minutes for this call")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb->add_option("--seed", arguments->seed, "of the search and of training")->capture_default_str();
  verb->callback([&globals, arguments] { globals.run = [&globals, arguments] { return run(globals, *arguments); }; });
}

}  // namespace zhiyin
