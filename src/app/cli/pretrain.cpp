#include <fmt/format.h>

#include "app/cli/verbs_sdk.h"
#include "app/config/settings.h"
#include "app/operate/home.h"
#include "learn/pretrain.h"

namespace zhiyin {
namespace {

Result<void> run(const Globals& globals, PretrainOptions options) {
  ZY_TRY(const auto settings, load_settings(globals.home / "zhiyin.toml"));
  ZY_TRY(auto home, open_home(globals.home, HomeMode::kMustExist, settings.store));
  options.threads = globals.threads;
  options.worker = globals.program;
  ZY_TRY(const auto done, pretrain(globals.home, *home.store, options));
  auto text = fmt::format("version {} learned from {} sounds and {} files with pictures", done.version, done.sounds,
                          done.pictures);
  if (options.finetune) text += fmt::format(", {} of them with behaviour", done.touched);
  text += fmt::format("; {:.1f} s. `zhiyin train` lets the content vectors know", done.seconds);
  globals.print(Json::object({{"version", done.version},
                              {"sounds", done.sounds},
                              {"pictures", done.pictures},
                              {"touched", done.touched},
                              {"unreadable", done.unreadable},
                              {"loss", done.loss},
                              {"seconds", done.seconds}}),
                text);
  return {};
}

}  // namespace

void add_pretrain(CLI::App& app, Globals& globals) {
  auto options = std::make_shared<PretrainOptions>();
  auto* verb = app.add_subcommand("pretrain", "let nets of this home's own learn from its files, without labels");
  verb->add_option("--epochs", options->epochs, "times that every file is looked at")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  verb->add_option("--files", options->most_files, "files to learn from, drawn at random where there are more")
      ->check(CLI::Range(2, 1000000))
      ->capture_default_str();
  verb->add_option("--masked", options->masked, "weight of telling hidden squares and modalities from the rest")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  verb->add_option("--seed", options->seed, "of weights, cuts and order")->capture_default_str();
  verb->add_flag("--finetune", options->finetune, "go on from what was learned, towards what people touched together");
  verb->callback([&globals, options] { globals.run = [&globals, options] { return run(globals, *options); }; });
}

}  // namespace zhiyin
