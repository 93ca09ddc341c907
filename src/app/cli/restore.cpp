#include "app/operate/restore.h"

#include <fmt/format.h>

#include "app/cli/verbs_sdk.h"

namespace zhiyin {
namespace {

struct Arguments {
  std::filesystem::path file;
  RestoreOptions options;
};

Result<void> run(const Globals& globals, const Arguments& arguments) {
  ZY_TRY(const auto report, restore(arguments.file, globals.home, arguments.options));
  const auto& backup = report.backup;
  auto text = fmt::format("{} holds {} items and the log up to event {} again", globals.home.string(), backup.items,
                          backup.offset);
  if (!report.set_aside.empty()) text += fmt::format("; what it held before is in {}", report.set_aside.string());
  globals.print(Json::object({{"home", globals.home.string()},
                              {"created", report.created},
                              {"offset", backup.offset},
                              {"items", backup.items},
                              {"users", backup.users},
                              {"snapshot", backup.snapshot.empty() ? Json() : Json(backup.snapshot)},
                              {"set_aside", report.set_aside.string()}}),
                text);
  return {};
}

}  // namespace

void add_restore(CLI::App& app, Globals& globals) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("restore", "make a backup the home again");
  verb->add_option("file", arguments->file, "what `zhiyin backup` wrote")->required();
  verb->add_flag("--force", arguments->options.force, "into a home that is not empty: what it holds is set aside");
  verb->callback([&globals, arguments] { globals.run = [&globals, arguments] { return run(globals, *arguments); }; });
}

}  // namespace zhiyin
