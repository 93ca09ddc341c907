#include "app/operate/backup.h"

#include <fmt/format.h>

#include "app/cli/verbs_sdk.h"

namespace zhiyin {
namespace {

struct Arguments {
  std::filesystem::path file;
  BackupOptions options;
};

Result<void> run(const Globals& globals, const Arguments& arguments) {
  ZY_TRY(const auto report, back_up(globals.home, arguments.file, SystemClock(), arguments.options));
  globals.print(
      Json::object({{"file", arguments.file.string()},
                    {"bytes", report.bytes},
                    {"offset", report.offset},
                    {"items", report.items},
                    {"users", report.users},
                    {"snapshot", report.snapshot.empty() ? Json() : Json(report.snapshot)}}),
      fmt::format("{}: {} items, the log up to event {}, {}; {:.1f} MB, read back and sound", arguments.file.string(),
                  report.items, report.offset, report.snapshot.empty() ? "no snapshot" : "snapshot " + report.snapshot,
                  static_cast<double>(report.bytes) / 1e6));
  return {};
}

}  // namespace

void add_backup(CLI::App& app, Globals& globals) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("backup", "the home as one file, also while it serves and learns");
  verb->add_option("file", arguments->file, "the file to write (a tar)")->required();
  verb->add_flag("--force", arguments->options.replace, "replace a file that is there already");
  verb->callback([&globals, arguments] { globals.run = [&globals, arguments] { return run(globals, *arguments); }; });
}

}  // namespace zhiyin
