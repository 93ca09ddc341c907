#include "feed/ingest/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "app/cli/stop_signals.h"
#include "app/cli/verbs_sdk.h"
#include "app/config/settings.h"
#include "app/operate/home.h"
#include "base/log.h"
#include "feed/ingest/watch.h"
#include "understand/embed/described_encoders.h"
#include "understand/embed/endpoint_encoders.h"
#include "understand/embed/manifest.h"
#include "understand/embed/models.h"
#include "understand/embed/own_nets.h"

namespace zhiyin {
namespace {

struct Arguments {
  std::vector<std::filesystem::path> paths;
  bool report = false;
  bool speech_to_words = false;
  bool watch = false;
  WatchOptions watching;
};

// Files that were refused, then items of whose file something could not be understood.
Result<void> print_report(const Globals& globals, const Store& store) {
  ZY_TRY(const auto reports, store.reports());
  auto list = Json::array();
  std::string text;
  for (const auto& report : reports) {
    list.push(Json::object({{"path", report.path}, {"reason", report.reason}}));
    text += fmt::format("{}: {}\n", report.path, report.reason);
  }
  auto partial = Json::array();
  ZY_CHECK_OK(store.each_perception([&](const ItemId& id, Perception&& perception) {
    auto problems = Json::array();
    const auto add = [&](const std::string& problem) {
      problems.push(problem);
      text += fmt::format("item {}: {}\n", id.value, problem);
    };
    for (const auto& warning : perception.warnings) add(warning);
    for (const auto& run : perception.runs) {
      if (!run.problem.empty()) add(fmt::format("{}: {}", run.encoder, run.problem));
    }
    if (!problems.elements().empty())
      partial.push(Json::object({{"item", id.value}, {"problems", std::move(problems)}}));
  }));
  if (text.empty()) text = "every file was understood\n";
  text.pop_back();
  globals.print(Json::object({{"reports", std::move(list)}, {"partial", std::move(partial)}}), text);
  return {};
}

Json costs_json(const std::vector<EncoderCost>& costs) {
  auto list = Json::array();
  for (const auto& cost : costs) {
    list.push(Json::object(
        {{"encoder", cost.encoder}, {"files", cost.files}, {"problems", cost.problems}, {"cpu_s", cost.cpu_s}}));
  }
  return list;
}

Json to_json(const ScanReport& done) {
  const auto worked = done.analysed + done.updated;
  return Json::object({{"files", done.files},
                       {"analysed", done.analysed},
                       {"updated", done.updated},
                       {"moved", done.moved},
                       {"unchanged", done.unchanged},
                       {"refused", done.refused},
                       {"left", done.left},
                       {"gone", done.gone},
                       {"read_again", done.read_again},
                       {"stopped", done.stopped},
                       {"seconds", done.seconds},
                       {"files_per_hour", done.seconds > 0 ? 3600 * static_cast<double>(worked) / done.seconds : 0},
                       {"decode_s", done.decode_s},
                       {"costs", costs_json(done.costs)}});
}

// "12 files: 3 analysed, 9 known already; 4.1 s", and what each encoder cost.
std::string to_text(const ScanReport& done) {
  auto text = fmt::format("{} files: {} analysed, {} known already", done.files, done.analysed, done.unchanged);
  const auto add = [&text](std::int64_t count, std::string_view what) {
    if (count > 0) text += fmt::format(", {} {}", count, what);
  };
  add(done.updated, "seen by new encoders");
  add(done.moved, "moved");
  add(done.gone, "gone");
  add(done.refused, "refused (`zhiyin scan --report` lists them with the reason)");
  add(done.left, done.stopped ? "not reached" : "still being written");
  add(done.read_again, "items read again by new text encoders");
  text += fmt::format("; {:.1f} s", done.seconds);
  if (done.costs.empty()) return text;
  text +=
      fmt::format("\n\n  {:<28} {:>7} {:>9} {:>12} {:>9}\n", "processor time", "files", "s", "s a file", "problems");
  double all_s = 0;
  for (const auto& cost : done.costs) {
    all_s += cost.cpu_s;
    text += fmt::format("  {:<28} {:>7} {:>9.2f} {:>12.3f} {:>9}\n", cost.encoder, cost.files, cost.cpu_s,
                        cost.cpu_s / static_cast<double>(std::max<std::int64_t>(cost.files, 1)), cost.problems);
  }
  return text + fmt::format("  {:<28} {:>7} {:>9.2f}", "all", done.analysed + done.updated, all_s);
}

// Models that set-up should have made ready and did not: every item that is analysed without them says so.
std::vector<EncoderRun> absent_models() {
  std::vector<EncoderRun> absent;
  const auto manifest = find_manifest();
  if (!manifest.ok()) return absent;
  const auto models = model_status(model_cache(), *manifest, Hashing::kRemember);
  if (!models.ok()) {
    log_warning("the models could not be checked: {}", models.error().message);
    return absent;
  }
  for (const auto& model : *models) {
    if (model.mend.empty()) continue;
    const auto what = !model.present ? "is not there" : !model.verified ? "is damaged" : "is not made ready";
    absent.push_back({fmt::format("model:{}", model.model.name), 0, 0,
                      fmt::format("the model {}; `{}` mends it", what, model.mend)});
  }
  return absent;
}

// The senses of the cache, those that the home learned, and those that it describes.
Result<void> open_every_encoder(Home& home, const Settings& settings) {
  const auto cache = model_cache();
  ZY_TRY(const auto described, described_encoders(cache, home.path));
  auto options = settings.senses;
  const bool own_recogniser =
      std::ranges::find(described, EncoderModality::kSpeech, &EncoderDescription::modality) != described.end();
  if (own_recogniser) options.speech_to_words = false;  // it takes the place of the one that set-up brings
  home.encoders.senses = open_senses(cache, options);
  home.encoders.absent = absent_models();
  open_own_senses(home.path, home.encoders.senses);
  open_described_senses(described, cache, home.encoders.senses);
  open_endpoint(settings.endpoint, cache, home.encoders);
  auto bridge = ChineseBridge::open(cache);  // without its dictionaries, keywords are English ones
  home.encoders.keywords =
      std::make_shared<KeywordFinder>(bridge.ok() ? std::shared_ptr<const ChineseBridge>(std::move(*bridge)) : nullptr);
  return {};
}

Result<void> keep_watching(const Globals& globals, const Arguments& arguments, Ingest& ingest, Store& store,
                           const ScanOptions& options) {
  // Lines, not one document: this has no end of its own.
  return watch(arguments.paths, ingest, store, options, arguments.watching, [&](const ScanReport& done) {
    fmt::print("{}\n", globals.json ? to_json(done).dump() : to_text(done));
    std::fflush(stdout);
  });
}

Result<void> run(const Globals& globals, const Arguments& arguments) {
  if (arguments.paths.empty()) {
    ZY_TRY(const auto home, open_home(globals.home, HomeMode::kMustExist));
    return print_report(globals, *home.store);
  }
  const StopSignals signals;
  ZY_TRY(auto settings, load_settings(globals.home / "zhiyin.toml"));
  ZY_TRY(auto home, open_home(globals.home, HomeMode::kCreate, settings.store));
  if (arguments.speech_to_words) settings.senses.speech_to_words = true;
  ZY_CHECK_OK(open_word_encoders(home));
  ZY_CHECK_OK(open_every_encoder(home, settings));
  Ingest ingest(*home.store, *home.log, nullptr, home.encoders, {.decode = settings.scan, .worker = globals.program});
  const ScanOptions options{.threads = globals.threads, .stop = signals.token(), .ready = {}};
  if (arguments.watch) return keep_watching(globals, arguments, ingest, *home.store, options);
  ZY_TRY(const auto done, scan(arguments.paths, ingest, *home.store, options));
  if (arguments.report) return print_report(globals, *home.store);
  globals.print(to_json(done), to_text(done));
  if (done.stopped)
    return Error{ErrorCode::kUnavailable, "stopped; what was understood is kept, the same scan goes on from there", {}};
  return {};
}

}  // namespace

void add_scan(CLI::App& app, Globals& globals) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb =
      app.add_subcommand("scan", "watch and listen to the media files of folders, and take them into the catalogue");
  auto* paths = verb->add_option("paths", arguments->paths, "folders or files");
  auto* report = verb->add_flag("--report", arguments->report,
                                "list the files that could not be used, and what of others was not understood");
  verb->add_flag("--speech-to-words", arguments->speech_to_words,
                 "write down what is said, in English (costs half to all of the seconds spoken in processor time)");
  auto* watching =
      verb->add_flag("--watch", arguments->watch, "go on: take in files that come, move or go, until a signal ends it");
  verb->add_option("--quiet-s", arguments->watching.quiet_s, "with --watch: seconds a file must not have changed")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  verb->add_option("--poll-s", arguments->watching.poll_s,
                   "with --watch: seconds between looks where the file system does not report changes")
      ->check(CLI::Range(0.1, 86400.0))
      ->capture_default_str();
  watching->excludes(report);
  verb->callback([&globals, arguments, paths, report] {
    if (paths->empty() && report->empty()) throw CLI::RequiredError("paths, or --report,");
    globals.run = [&globals, arguments] { return run(globals, *arguments); };
  });
}

}  // namespace zhiyin
