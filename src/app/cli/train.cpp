#include "learn/train_checked.h"

#include <fmt/format.h>

#include "app/cli/verbs_sdk.h"
#include "app/config/settings.h"
#include "app/operate/home.h"
#include "base/log.h"
#include "feed/snapshot/shelf.h"
#include "learn/eval/tune_model.h"
#include "match/registry/registry.h"

namespace zhiyin {
namespace {

struct Arguments {
  TrainOptions options;
  std::vector<std::string> params;  // MODEL:key=value
  bool tuned = false;
  bool if_not_worse = false;
  double tolerance = CheckedOptions{}.tolerance;
};

// The models are those that serve, unless some are named.
Result<void> run_checked(const Globals& globals, const Home& home, const Arguments& arguments,
                         std::size_t keep_snapshots) {
  ZY_TRY(const auto decision, train_checked(home.path, *home.store, *home.log, SystemClock(),
                                            {.train = arguments.options, .tolerance = arguments.tolerance}));
  if (decision.published) ZY_CHECK_OK(prune_snapshots(home.path, keep_snapshots));
  globals.print(to_json(decision),
                decision.trained.empty()
                    ? decision.reason
                    : fmt::format("snapshot {} is {}: {}", decision.trained,
                                  decision.published ? "published" : "not published, and removed", decision.reason));
  return {};
}

Result<void> run(const Globals& globals, Arguments arguments) {
  if (arguments.tuned) {
    ZY_TRY(const auto best, read_best(globals.home / "runs"));
    for (const auto& model : arguments.options.models) {
      const auto found = best.find(model);
      if (found == best.end()) continue;
      log_info("{}: with the settings of {}", model, (globals.home / "runs" / "best.json").string());
      arguments.options.params[model] = found->second;
    }
  }
  for (const auto& given : arguments.params) {
    ZY_TRY(auto parsed, parse_model_param(given));
    arguments.options.params[parsed.model][parsed.key] = parsed.value;
  }
  arguments.options.threads = globals.threads;
  ZY_TRY(const auto settings, load_settings(globals.home / "zhiyin.toml"));
  arguments.options.events = settings.service.live.events;
  arguments.options.tower = settings.tower;
  ZY_TRY(const auto home, open_home(globals.home, HomeMode::kMustExist));
  if (arguments.if_not_worse) return run_checked(globals, home, arguments, settings.keep_snapshots);
  ZY_TRY(const auto report, train(home.path, *home.store, *home.log, SystemClock(), arguments.options));
  ZY_CHECK_OK(prune_snapshots(home.path, settings.keep_snapshots));
  auto models = Json::array();
  std::string text = fmt::format("{} users, {} items, {} positives\n", report.users, report.items, report.positives);
  for (const auto& model : report.models) {
    auto json = Json::object({{"name", model.name}, {"train_s", model.seconds}});
    if (!model.skipped.empty()) json.set("skipped", model.skipped);
    models.push(std::move(json));
    text += model.skipped.empty() ? fmt::format("  {:<12} {:.2f} s\n", model.name, model.seconds)
                                  : fmt::format("  {:<12} left out: {}\n", model.name, model.skipped);
  }
  text += fmt::format("published snapshot {}; recommends: {}; orders: {}", report.snapshot,
                      report.recommender.empty() ? "content alone" : report.recommender_reason, report.ranker_reason);
  globals.print(Json::object({{"snapshot", report.snapshot},
                              {"recommender", report.recommender},
                              {"recommender_reason", report.recommender_reason},
                              {"ranker", report.ranker},
                              {"ranker_reason", report.ranker_reason},
                              {"users", report.users},
                              {"items", report.items},
                              {"positives", report.positives},
                              {"models", std::move(models)}}),
                text);
  return {};
}

}  // namespace

void add_train(CLI::App& app, Globals& globals) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("train", "learn from the catalogue and the log, and publish a snapshot");
  auto* models = verb->add_option("models", arguments->options.models, "models to train")->capture_default_str();
  verb->add_option("--params", arguments->params, "a model's setting, as MODEL:key=value; may be repeated");
  verb->add_flag(
      "--tuned", arguments->tuned,
      "the best settings that `zhiyin tune` found on this home, where it was asked; --params goes before them");
  verb->add_option("--recommender", arguments->options.recommender,
                   "the model that recommends, among those trained; unless given, the one that finds held-back events "
                   "best");
  verb->add_option("--ranker", arguments->options.ranker,
                   "who orders what the feed finds: auto (the best of logistic and fm where it beats the quotas on "
                   "held-back events), none, logistic, fm or dcn")
      ->check(CLI::IsMember({"auto", "none", "logistic", "fm", "dcn"}))
      ->capture_default_str();
  verb->add_option("--ranking-rows", arguments->options.ranking_rows,
                   "write the rows that rankers learn from to this CSV file (docs/ranking.md)");
  auto* checked = verb->add_flag("--if-not-worse", arguments->if_not_worse,
                                 "publish only what is not worse on the newest events than what serves; trains the "
                                 "models that serve, unless some are named");
  verb->add_option("--tolerance", arguments->tolerance, "what share of recall@20 may be lost then")
      ->check(CLI::Range(0.0, 1.0))
      ->needs(checked)
      ->capture_default_str();
  verb->add_flag("--learned-fusion", arguments->options.learned_fusion,
                 "let attention fuse the modalities, in place of the base line");
  verb->add_option("--masked-fusion", arguments->options.masked_fusion,
                   "weight of telling hidden modalities from the others, in the learned fusion's training")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  verb->add_option("--seed", arguments->options.seed, "of everything drawn")->capture_default_str();
  verb->callback([&globals, arguments, models] {
    if (arguments->if_not_worse && models->count() == 0) arguments->options.models.clear();
    globals.run = [&globals, arguments] { return run(globals, *arguments); };
  });
}

}  // namespace zhiyin
