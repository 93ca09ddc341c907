#include "app/cli/inspect_events.h"

#include <fmt/format.h>

#include <array>

#include "app/config/settings.h"
#include "app/operate/home.h"

namespace zhiyin {
namespace {

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

Result<void> inspect_events(const Globals& globals) {
  ZY_TRY(const auto settings, load_settings(globals.home / "zhiyin.toml"));
  ZY_TRY(const auto home, open_home(globals.home, HomeMode::kMustExist));
  const auto& meaning = settings.service.live.events;
  Outcomes outcomes(settings.service.live.outcomes);
  std::array<std::int64_t, kEventTypeNames.size()> counts{};
  std::int64_t events = 0;
  ZY_CHECK_OK(home.log->replay(0, [&](const LoggedEvent& logged) {
    ++counts[static_cast<std::size_t>(logged.event.type)];
    ++events;
    outcomes.apply(logged.event, meaning.preference(logged.event));
  }));

  auto types = Json::object();
  std::string text = fmt::format("{:<12}{:>8}{:>14}\n", "type", "weight", "events");
  for (std::size_t type = 0; type < counts.size(); ++type) {
    const std::string name(kEventTypeNames[type]);
    types.set(name, Json::object({{"weight", meaning.weight[type]}, {"events", counts[type]}}));
    text += fmt::format("{:<12}{:>8}{:>14}\n", name, meaning.weight[type], counts[type]);
  }
  text += fmt::format("a view counts by what was watched: {}\n", meaning.view.text());
  text += meaning.ttl_days > 0 ? fmt::format("an opinion counts for {} days\n", meaning.ttl_days)
                               : std::string("an opinion counts for ever\n");

  auto sources = Json::object();
  const auto by_source = outcomes.by_source();
  text += by_source.empty() ? "no event names the recommendation that it followed"
                            : fmt::format("\n{:<16}{:>10}{:>10}{:>10}{:>10}{:>12}", "source", "shown", "clicked",
                                          "liked", "disliked", "liked/shown");
  for (const auto& [name, outcome] : by_source) {
    sources.set(name, Json::object({{"shown", outcome.shown},
                                    {"clicked", outcome.clicked},
                                    {"liked", outcome.liked},
                                    {"disliked", outcome.disliked}}));
    text += fmt::format("\n{:<16}{:>10}{:>10}{:>10}{:>10}{:>12.3f}", name, outcome.shown, outcome.clicked,
                        outcome.liked, outcome.disliked, share(outcome.liked, outcome.shown));
  }
  globals.print(Json::object({{"types", std::move(types)},
                              {"view_curve", meaning.view.text()},
                              {"ttl_days", meaning.ttl_days},
                              {"events", events},
                              {"sources", std::move(sources)}}),
                text);
  return {};
}

}  // namespace zhiyin
