// `zhiyin doctor`: what is there, what is missing, and the command that mends it.
#include <fmt/format.h>

#include "app/cli/verbs_sdk.h"
#include "app/config/settings.h"
#include "app/operate/paths.h"
#include "base/kernels/vectors.h"
#include "feed/snapshot/snapshot.h"
#include "understand/embed/described_encoders.h"
#include "understand/embed/endpoint_encoders.h"
#include "understand/embed/models.h"

namespace zhiyin {
namespace {

struct Check {
  std::string what;
  bool good = true;
  std::string found;
  std::string mend;  // the command, where something is missing
};

Check model_check(const ModelStatus& status) {
  Check check{"model " + status.model.name, status.mend.empty(), "ready, " + status.model.licence, status.mend};
  if (!status.present) {
    check.found = "files are missing; features that need no model take over";
  } else if (!status.verified) {
    check.found = "files differ from those that are pinned: " + status.changed.front();
  } else if (!status.ready) {
    check.found = "fetched, not yet converted";
  }
  return check;
}

// The encoders of the home's own: each is opened and tried.
std::vector<Check> encoder_checks(const std::filesystem::path& home) {
  const auto described = described_encoders(model_cache(), home);
  if (!described.ok()) return {{"encoders.toml", false, described.error().message, "mend the line that is named"}};
  std::vector<Check> checks;
  for (const auto& status : described_status(*described, model_cache())) {
    const bool good = status.problem.empty();
    checks.push_back({"encoder " + status.description.name, good, good ? status.found : status.problem,
                      good ? "" : "mend what " + status.description.place + " describes"});
  }
  return checks;
}

// The server of a large model, if the settings name one.
std::vector<Check> endpoint_checks(const std::filesystem::path& home) {
  const auto settings = load_settings(home / "zhiyin.toml");
  if (!settings.ok()) return {{"settings", false, settings.error().message, "mend the line that is named"}};
  if (settings->endpoint.url.empty()) return {};
  const auto status = endpoint_status(settings->endpoint);
  const bool good = status.problem.empty();
  return {{"endpoint", good, good ? status.found : status.problem,
           good ? "" : "start the server, or mend [endpoint] in " + (home / "zhiyin.toml").string()}};
}

std::vector<Check> home_checks(const std::filesystem::path& home) {
  if (!std::filesystem::exists(home / "catalogue.db")) {
    return {
        {"home", false, home.string() + " is no home yet", fmt::format("zhiyin --home {} scan DIR", home.string())}};
  }
  std::vector<Check> checks{{"home", true, home.string(), {}}};
  const auto snapshot = load_current_snapshot(home);
  checks.push_back(snapshot.ok() ? Check{"snapshot", true, (*snapshot)->id, {}}
                                 : Check{"snapshot", false, snapshot.error().message,
                                         fmt::format("zhiyin --home {} train", home.string())});
  return checks;
}

Result<void> run(const Globals& globals) {
  std::vector<Check> checks{{"processor", true, fmt::format("vectors run on {}", vector_instructions()), {}}};
  ZY_TRY(const auto manifest, find_manifest());
  ZY_TRY(const auto models, model_status(model_cache(), manifest));
  for (const auto& model : models) checks.push_back(model_check(model));
  for (auto& check : encoder_checks(globals.home)) checks.push_back(std::move(check));
  for (auto& check : endpoint_checks(globals.home)) checks.push_back(std::move(check));
  const auto web = default_web_dir();
  const bool page = std::filesystem::exists(web / "index.html");
  checks.push_back({"page", page, page ? web.string() : "not built", page ? "" : "./run build"});
  for (auto& check : home_checks(globals.home)) checks.push_back(std::move(check));

  auto list = Json::array();
  std::string text;
  for (const auto& check : checks) {
    list.push(Json::object({{"what", check.what}, {"good", check.good}, {"found", check.found}, {"mend", check.mend}}));
    text += fmt::format("{}{} {:<18} {}", text.empty() ? "" : "\n", check.good ? "ok     " : "missing", check.what,
                        check.found);
    if (!check.mend.empty()) text += fmt::format("\n                           mend it with: {}", check.mend);
  }
  globals.print(Json::object({{"checks", std::move(list)}}), text);
  return {};
}

Result<void> print_settings(const Globals& globals) {
  const auto text = default_settings_text();
  globals.print(Json::object({{"settings", text}}), text);
  return {};
}

Result<void> prepare(const Globals& globals) {
  ZY_TRY(const auto manifest, find_manifest());
  ZY_TRY(const auto models, prepare_models(model_cache(), manifest));
  auto list = Json::array();
  std::string text;
  for (const auto& status : models) {
    list.push(Json::object({{"name", status.model.name}, {"ready", status.mend.empty()}, {"mend", status.mend}}));
    text += fmt::format("{}{}: {}", text.empty() ? "" : "\n", status.model.name,
                        status.mend.empty() ? "ready" : "missing; " + status.mend);
  }
  globals.print(Json::object({{"models", std::move(list)}}), text);
  return {};
}

}  // namespace

void add_doctor(CLI::App& app, Globals& globals) {
  auto settings = std::make_shared<bool>(false);
  auto* verb = app.add_subcommand("doctor", "what is there, what is missing, and the command that mends it");
  verb->add_flag("--settings", *settings, "print a zhiyin.toml with every setting at its default instead");
  verb->callback([&globals, settings] {
    globals.run = [&globals, settings] { return *settings ? print_settings(globals) : run(globals); };
  });
}

void add_setup(CLI::App& app, Globals& globals) {
  auto* verb = app.add_subcommand("setup", "make the fetched models ready: check and convert them");
  verb->callback([&globals] { globals.run = [&globals] { return prepare(globals); }; });
}

}  // namespace zhiyin
