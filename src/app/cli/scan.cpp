#include "feed/ingest/scan.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/cli/verbs_sdk.h"
#include "app/config/settings.h"
#include "app/operate/home.h"
#include "understand/embed/described_encoders.h"
#include "understand/embed/endpoint_encoders.h"
#include "understand/embed/manifest.h"

namespace zhiyin {
namespace {

struct Arguments {
  std::vector<std::filesystem::path> paths;
  bool report = false;
  bool speech_to_words = false;
};

Result<void> print_report(const Globals& globals, const Store& store) {
  ZY_TRY(const auto reports, store.reports());
  auto list = Json::array();
  std::string text = reports.empty() ? "every file was understood" : "";
  for (const auto& report : reports) {
    list.push(Json::object({{"path", report.path}, {"reason", report.reason}}));
    text += fmt::format("{}{}: {}", text.empty() ? "" : "\n", report.path, report.reason);
  }
  globals.print(Json::object({{"reports", std::move(list)}}), text);
  return {};
}

Result<void> run(const Globals& globals, const Arguments& arguments) {
  ZY_TRY(auto home, open_home(globals.home, arguments.paths.empty() ? HomeMode::kMustExist : HomeMode::kCreate));
  if (arguments.paths.empty()) return print_report(globals, *home.store);
  ZY_TRY(auto settings, load_settings(globals.home / "zhiyin.toml"));
  if (arguments.speech_to_words) settings.senses.speech_to_words = true;
  ZY_TRY(const auto described, described_encoders(model_cache(), home.path));
  const bool own_recogniser = std::ranges::find(described, EncoderModality::kSpeech, &EncoderDescription::modality) != described.end();
  if (own_recogniser) settings.senses.speech_to_words = false;  // it takes the place of the one that set-up brings
  home.encoders.senses = open_senses(model_cache(), settings.senses);
  open_described_senses(described, model_cache(), home.encoders.senses);
  open_endpoint(settings.endpoint, model_cache(), home.encoders);
  Ingest ingest(*home.store, *home.log, nullptr, home.encoders, {.decode = settings.scan, .worker = globals.program});
  ZY_TRY(const auto done, scan(arguments.paths, ingest, *home.store, globals.threads));
  if (arguments.report) return print_report(globals, *home.store);
  globals.print(Json::object({{"files", done.files}, {"analysed", done.analysed}, {"unchanged", done.unchanged}, {"refused", done.refused}, {"seconds", done.seconds}}),
                fmt::format("{} files: {} analysed, {} known already, {} refused{}; {:.1f} s", done.files, done.analysed, done.unchanged,
                            done.refused, done.refused == 0 ? "" : " (`zhiyin scan --report` lists them with the reason)", done.seconds));
  return {};
}

}  // namespace

void add_scan(CLI::App& app, Globals& globals) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("scan", "watch and listen to the media files of folders, and take them into the catalogue");
  auto* paths = verb->add_option("paths", arguments->paths, "folders or files");
  auto* report = verb->add_flag("--report", arguments->report, "list the files that could not be used, with the reason");
  verb->add_flag("--speech-to-words", arguments->speech_to_words, "write down what is said, in English (costs half to all of the seconds spoken in processor time)");
  verb->callback([&globals, arguments, paths, report] {
    if (paths->empty() && report->empty()) throw CLI::RequiredError("paths, or --report,");
    globals.run = [&globals, arguments] { return run(globals, *arguments); };
  });
}

}  // namespace zhiyin
