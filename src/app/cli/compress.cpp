#include "learn/compress.h"

#include <fmt/format.h>

#include "app/cli/verbs_sdk.h"
#include "app/config/settings.h"
#include "app/operate/home.h"
#include "feed/snapshot/shelf.h"

namespace zhiyin {
namespace {

struct Arguments {
  std::string budget;
  CompressOptions options;
};

Json to_json(const MeasuredWay& way) {
  auto json = Json::object({{"model", way.model}});
  if (!way.array.empty()) json.set("array", way.array);
  json.set("way", way.way);
  json.set("bytes", way.bytes);
  json.set("recall@20", way.quality.recall20);
  json.set("ndcg@20", way.quality.ndcg20);
  json.set("same@20", way.quality.same20);
  json.set("load_ms", way.load_ms);
  json.set("chosen", way.chosen);
  return json;
}

std::string line(const MeasuredWay& way) {
  return fmt::format("{} {:<16} {:<18} {:>12} {:>9.4f} {:>9.4f} {:>8.4f} {:>8.1f}\n", way.chosen ? '*' : ' ',
                     way.array.empty() ? way.model : way.model + "." + way.array, way.way, way.bytes,
                     way.quality.recall20, way.quality.ndcg20, way.quality.same20, way.load_ms);
}

Result<void> run(const Globals& globals, Arguments arguments) {
  ZY_TRY(arguments.options.budget, parse_budget(arguments.budget));
  arguments.options.threads = globals.threads;
  ZY_TRY(const auto settings, load_settings(globals.home / "zhiyin.toml"));
  arguments.options.events = settings.service.live.events;
  ZY_TRY(const auto home, open_home(globals.home, HomeMode::kMustExist));
  ZY_TRY(const auto report, compress(home.path, *home.store, *home.log, arguments.options));
  if (!report.snapshot.empty()) ZY_CHECK_OK(prune_snapshots(home.path, settings.keep_snapshots));
  const auto heading = fmt::format("  {:<16} {:<18} {:>12} {:>9} {:>9} {:>8} {:>8}\n", "array", "way", "bytes",
                                   "recall@20", "ndcg@20", "same@20", "load ms");
  std::string text = fmt::format("each array alone, {} users asked for an event that {}\n", report.users,
                                 report.held_out ? "came after the snapshot" : "was learned from");
  text += heading;
  auto ways = Json::array({});
  for (const auto& way : report.ways) {
    text += line(way);
    ways.push(to_json(way));
  }
  text += "\nall that is chosen, together\n" + heading;
  auto models = Json::array({});
  for (const auto& model : report.models) {
    text += line(model);
    models.push(to_json(model));
  }
  text += fmt::format("\n{} of {} bytes, {} allowed\n", report.bytes_after, report.bytes_before, report.budget);
  text += report.snapshot.empty() ? "nothing published (--dry-run)"
                                  : fmt::format("published snapshot {}; back: echo {} > {}/snapshots/current",
                                                report.snapshot, report.from, home.path.string());
  globals.print(Json::object({{"from", report.from},
                              {"snapshot", report.snapshot},
                              {"users", report.users},
                              {"held_out", report.held_out},
                              {"budget", report.budget},
                              {"bytes_before", report.bytes_before},
                              {"bytes_after", report.bytes_after},
                              {"ways", std::move(ways)},
                              {"models", std::move(models)}}),
                text);
  return {};
}

}  // namespace

void add_compress(CLI::App& app, Globals& globals) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("compress", "publish a smaller copy of the current snapshot");
  verb->add_option("--budget", arguments->budget, "of all models' arrays: a size (12M, 800k) or a share (0.25, 25%)")
      ->required();
  verb->add_flag("--dry-run", arguments->options.dry_run, "show what each way costs and what would be chosen");
  verb->add_option("--users", arguments->options.most_users, "how many are asked, at most")->capture_default_str();
  verb->callback([&globals, arguments] { globals.run = [&globals, arguments] { return run(globals, *arguments); }; });
}

}  // namespace zhiyin
