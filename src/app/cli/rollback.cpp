#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/cli/verbs_sdk.h"
#include "feed/snapshot/shelf.h"
#include "learn/train_checked.h"

namespace zhiyin {
namespace {

struct Arguments {
  std::string to;
  bool list = false;
};

Result<void> list(const Globals& globals) {
  ZY_TRY(const auto all, list_snapshots(globals.home));
  ZY_TRY(const auto decisions, read_decisions(globals.home));
  auto json = Json::array({});
  std::string text;
  for (const auto& one : all) {
    const auto decision = std::ranges::find(decisions, one.id, &Decision::trained);
    auto models = Json::array({});
    for (const auto& model : one.models) models.push(model);
    json.push(Json::object({{"id", one.id},
                            {"current", one.current},
                            {"created", one.created},
                            {"offset", one.offset},
                            {"recommender", one.recommender},
                            {"models", std::move(models)},
                            {"compressed_from", one.compressed_from},
                            {"reason", decision == decisions.end() ? std::string() : decision->reason},
                            {"problem", one.problem}}));
    text += fmt::format("{}{} {}\n", text.empty() ? "" : "", one.current ? "*" : " ", one.id);
    if (!one.problem.empty()) {
      text += fmt::format("    damaged: {}\n", one.problem);
      continue;
    }
    text += fmt::format("    {:%Y-%m-%d %H:%M} UTC, events up to {}, {} recommends, of {}\n",
                        fmt::gmtime(static_cast<std::time_t>(one.created)), one.offset,
                        one.recommender.empty() ? "content" : one.recommender, fmt::join(one.models, ", "));
    if (decision != decisions.end()) text += fmt::format("    published: {}\n", decision->reason);
  }
  if (!text.empty()) text.pop_back();
  globals.print(Json::object({{"snapshots", std::move(json)}}),
                text.empty() ? "no snapshots yet: `zhiyin train`" : text);
  return {};
}

Result<void> run(const Globals& globals, const Arguments& arguments) {
  if (arguments.list) return list(globals);
  ZY_TRY(const auto id, make_current(globals.home, arguments.to));
  globals.print(Json::object({{"current", id}}), fmt::format("snapshot {} serves from here on", id));
  return {};
}

}  // namespace

void add_rollback(CLI::App& app, Globals& globals) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("rollback", "let an earlier snapshot serve; a running server swaps to it");
  auto* to = verb->add_option("--to", arguments->to, "its id; unless given, the newest sound one before the current");
  verb->add_flag("--list", arguments->list, "only list the snapshots, newest first; * serves")->excludes(to);
  verb->callback([&globals, arguments] { globals.run = [&globals, arguments] { return run(globals, *arguments); }; });
}

}  // namespace zhiyin
