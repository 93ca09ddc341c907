#include "feed/ingest/import.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/cli/verbs_sdk.h"
#include "app/config/settings.h"
#include "app/operate/home.h"
#include "feed/ingest/import_vectors.h"
#include "understand/embed/described_encoders.h"
#include "understand/embed/endpoint_encoders.h"
#include "understand/embed/manifest.h"

namespace zhiyin {
namespace {

struct Arguments {
  std::string format;
  std::filesystem::path path;
  std::string encoder;
  bool keep_going = false;
};

Result<void> run_vectors(const Globals& globals, const Arguments& arguments) {
  ZY_TRY(auto imported, read_vectors(arguments.path, arguments.encoder));
  ZY_TRY(const auto settings, load_settings(globals.home / "zhiyin.toml"));
  ZY_TRY(const auto home, open_home(globals.home, HomeMode::kMustExist, settings.store));
  ZY_TRY(const auto described, described_encoders(model_cache(), globals.home));
  ZY_TRY(const auto report, import_vectors(std::move(imported), *home.store, described, arguments.keep_going));
  globals.print(Json::object({{"vectors", report.vectors}, {"left_out", report.left_out}}),
                fmt::format("{} vectors, {} rows left out", report.vectors, report.left_out));
  return {};
}

Result<void> run(const Globals& globals, const Arguments& arguments) {
  if (arguments.format == "vectors") return run_vectors(globals, arguments);
  const SystemClock clock;
  ZY_TRY(const auto settings, load_settings(globals.home / "zhiyin.toml"));
  ZY_TRY(const auto rules, gorse::FeedbackRules::from(settings.gorse.feedback));
  ZY_TRY(auto imported, arguments.format == "gorse" ? read_gorse(arguments.path, clock.now(), rules)
                                                    : read_import(arguments.format, arguments.path, clock.now()));
  ZY_TRY(auto home, open_home(globals.home, HomeMode::kCreate, settings.store));
  ZY_CHECK_OK(open_word_encoders(home));
  open_endpoint(settings.endpoint, model_cache(), home.encoders);
  Ingest ingest(*home.store, *home.log, nullptr, home.encoders, {});
  ZY_TRY(const auto report, import_all(std::move(imported), ingest, *home.store, arguments.keep_going));
  globals.print(
      Json::object({{"users", report.users},
                    {"items", report.items},
                    {"events", report.events},
                    {"duplicates", report.duplicates},
                    {"left_out", report.left_out},
                    {"repeated_items", report.repeated_items}}),
      fmt::format(
          "{}{} items, {} new events, {} known already, {} rows left out{}",
          report.users == 0 ? "" : fmt::format("{} users, ", report.users), report.items, report.events,
          report.duplicates, report.left_out,
          report.repeated_items == 0 ? "" : fmt::format(", {} rows replaced by a later one", report.repeated_items)));
  return {};
}

}  // namespace

void add_import(CLI::App& app, Globals& globals) {
  auto arguments = std::make_shared<Arguments>();
  auto formats = import_formats();
  formats.emplace_back("vectors");
  auto* verb =
      app.add_subcommand("import", "take in items and events from files, or vectors of items computed elsewhere");
  verb->add_option("format", arguments->format, fmt::format("{}", fmt::join(formats, ", ")))
      ->required()
      ->check(CLI::IsMember(formats));
  verb->add_option("path", arguments->path, "the file or folder")->required();
  verb->add_option("--encoder", arguments->encoder,
                   "with vectors: the name of what made them, where the file does not say (default: imported.FILE)");
  verb->add_flag("--keep-going", arguments->keep_going, "leave bad rows out instead of refusing the file");
  verb->callback([&globals, arguments] { globals.run = [&globals, arguments] { return run(globals, *arguments); }; });
}

}  // namespace zhiyin
