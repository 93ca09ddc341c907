// Lists that are the same for everybody, and users who are alike.
#include <fmt/format.h>

#include "app/serve/answer_json.h"
#include "app/serve/handlers.h"
#include "feed/recommend/lists.h"
#include "feed/recommend/similar_users.h"

namespace zhiyin {
namespace {

constexpr std::int64_t kMaxList = 500;
constexpr std::int64_t kMaxOffset = 1'000'000;

// ?window= of trending: day, week or rising, for what is done with items, fading; else a duration, as of the other lists.
std::optional<Window> window_named(std::string_view text) {
  if (text == "day") return Window::kDay;
  if (text == "week") return Window::kWeek;
  if (text == "rising") return Window::kRising;
  return std::nullopt;
}

// {"items": [{"id","score","attributes"}]} for ?category= (several: all of them) &window=7d &n= &offset= &exclude=
// &user= (leaves out what they have seen).
Result<Json> list_json(const Service& service, const http::Request& request, Ranking ranking) {
  ZY_TRY(const auto n, request.query.integer("n", 20, 1, kMaxList));
  ZY_TRY(const auto offset, request.query.integer("offset", 0, 0, kMaxOffset));
  ListRequest asked{.ranking = ranking};
  for (const auto& [name, value] : request.query) {
    if (name == "category") asked.filter.tags.push_back(value);
    if (name == "exclude") asked.exclude.emplace_back(value);
    if (name == "user") asked.unseen_by = UserId(value);
    if (name == "window") {
      if (ranking == Ranking::kTrending) asked.lately = window_named(value);
      if (asked.lately) continue;
      ZY_TRY(asked.window, parse_duration(value, "window"));
    }
  }
  const auto view = service.view();
  const auto all = list_items(*view, service.live(), asked, service.clock().now());
  auto items = Json::array();
  const auto end = std::min(all.size(), static_cast<std::size_t>(offset + n));
  for (auto i = static_cast<std::size_t>(offset); i < end; ++i) {
    const auto& item = view->item(all[i].item);
    items.push(Json::object({{"id", item.id.value}, {"score", all[i].score}, {"attributes", attributes_json(item)}}));
  }
  return Json::object({{"items", std::move(items)}});
}

http::Response list(const Service& service, const http::Request& request, Ranking ranking) {
  const auto json = list_json(service, request, ranking);
  return json.ok() ? http::json_response(200, *json) : http::error_response(json.error());
}

}  // namespace

http::Response latest(Service& service, const http::Request& request) {
  return list(service, request, Ranking::kLatest);
}
http::Response popular(Service& service, const http::Request& request) {
  return list(service, request, Ranking::kPopular);
}
http::Response trending(Service& service, const http::Request& request) {
  return list(service, request, Ranking::kTrending);
}

http::Response get_similar_users(Service& service, const http::Request& request) {
  const UserId id(request.path_parameters.get_or("id", ""));
  const auto n = request.query.integer("n", 10, 1, kMaxList);
  if (!n.ok()) return http::error_response(n.error());
  if (service.live().user(id) == nullptr)
    return http::error_response(not_found(fmt::format("user {} has done nothing yet", id.value)));
  auto users = Json::array();
  for (const auto& similar : similar_users(service.live(), id, static_cast<std::size_t>(*n)))
    users.push(Json::object({{"id", similar.user.value}, {"score", similar.score}}));
  return http::json_response(200, Json::object({{"users", std::move(users)}}));
}

}  // namespace zhiyin
