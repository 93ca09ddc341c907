// Lists that are the same for everybody: /api/latest, /api/popular, /api/non-personalized.
#include "feed/recommend/lists.h"

#include <fmt/format.h>

#include <array>

#include "app/serve/gorse/answers.h"
#include "app/serve/gorse/handlers.h"

namespace zhiyin::gorse {
namespace {

constexpr UnixSeconds kDay = 86'400;
constexpr std::array<std::pair<std::string_view, UnixSeconds>, 5> kWindows = {
    {{"_hourly", 3600}, {"_daily", kDay}, {"_weekly", 7 * kDay}, {"_monthly", 30 * kDay}, {"_yearly", 365 * kDay}}};

// "popular", "trending", "latest", and these over a time: "popular_weekly". In Gorse a home's settings give lists their
// names; most_starred_weekly is that of its examples.
std::optional<ListRequest> list_named(std::string_view name) {
  ListRequest list;
  for (const auto& [end, window] : kWindows) {
    if (!name.ends_with(end)) continue;
    name.remove_suffix(end.size());
    list.window = window;
    break;
  }
  if (name == "latest")
    list.ranking = Ranking::kLatest;
  else if (name == "trending")
    list.ranking = Ranking::kTrending;
  else if (name == "popular" || name.starts_with("most_"))
    list.ranking = Ranking::kPopular;
  else
    return std::nullopt;
  return list;
}

http::Response list(const Gorse& gorse, const http::Request& request, ListRequest asked) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto part, part_of(gorse, request, kMostScores));
    asked.filter = filter_of(gorse, request);
    if (const auto reader = request.query.get("user-id")) asked.unseen_by = UserId(*reader);
    const auto view = gorse.service.view();
    const auto all = list_items(*view, gorse.service.live(), asked, gorse.service.clock().now());
    auto page = Json::array();
    for (std::size_t i = part.offset; i < all.size() && i < part.offset + part.n; ++i)
      page.push(score(view->item(all[i].item).id.value, all[i].score));
    return page;
  }());
}

}  // namespace

http::Response latest(Gorse& gorse, const http::Request& request) {
  return list(gorse, request, {.ranking = Ranking::kLatest});
}

http::Response popular(Gorse& gorse, const http::Request& request) {
  return list(gorse, request, {.ranking = Ranking::kPopular});
}

http::Response non_personalized(Gorse& gorse, const http::Request& request) {
  const auto name = path_value(request, "name");
  const auto asked = list_named(name);
  if (asked) return list(gorse, request, *asked);
  return plain_error(not_found(fmt::format(
      "no list is called {}: there are popular, trending and latest, each also with _hourly, _daily, _weekly, _monthly "
      "or _yearly behind it",
      name)));
}

}  // namespace zhiyin::gorse
