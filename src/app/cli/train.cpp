#include "learn/train.h"

#include <fmt/format.h>

#include "app/cli/verbs_sdk.h"
#include "app/operate/home.h"
#include "match/registry/registry.h"

namespace zhiyin {
namespace {

struct Arguments {
  TrainOptions options;
  std::vector<std::string> params;  // MODEL:key=value
};

Result<void> run(const Globals& globals, Arguments arguments) {
  for (const auto& given : arguments.params) {
    ZY_TRY(auto parsed, parse_model_param(given));
    arguments.options.params[parsed.model][parsed.key] = parsed.value;
  }
  arguments.options.threads = globals.threads;
  ZY_TRY(const auto home, open_home(globals.home, HomeMode::kMustExist));
  ZY_TRY(const auto report, train(home.path, *home.store, *home.log, SystemClock(), arguments.options));
  auto models = Json::array();
  std::string text = fmt::format("{} users, {} items, {} positives\n", report.users, report.items, report.positives);
  for (const auto& model : report.models) {
    auto json = Json::object({{"name", model.name}, {"train_s", model.seconds}});
    if (!model.skipped.empty()) json.set("skipped", model.skipped);
    models.push(std::move(json));
    text += model.skipped.empty() ? fmt::format("  {:<12} {:.2f} s\n", model.name, model.seconds)
                                  : fmt::format("  {:<12} left out: {}\n", model.name, model.skipped);
  }
  text += fmt::format("published snapshot {}; {} recommends", report.snapshot,
                      report.recommender.empty() ? "content" : report.recommender);
  globals.print(Json::object({{"snapshot", report.snapshot},
                              {"recommender", report.recommender},
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
  verb->add_option("models", arguments->options.models, "models to train")->capture_default_str();
  verb->add_option("--params", arguments->params, "a model's setting, as MODEL:key=value; may be repeated");
  verb->add_flag("--learned-fusion", arguments->options.learned_fusion,
                 "let attention fuse the modalities, in place of the base line");
  verb->add_option("--seed", arguments->options.seed, "of everything drawn")->capture_default_str();
  verb->callback([&globals, arguments] { globals.run = [&globals, arguments] { return run(globals, *arguments); }; });
}

}  // namespace zhiyin
