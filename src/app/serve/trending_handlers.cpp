#include <fmt/format.h>

#include "app/serve/handlers.h"

namespace zhiyin {
namespace {

constexpr std::int64_t kMost = 500;

Result<Window> window_of(const http::Request& request) {
  const auto asked = request.query.get_or("window", "rising");
  if (asked == "day") return Window::kDay;
  if (asked == "week") return Window::kWeek;
  if (asked == "rising") return Window::kRising;
  return invalid(fmt::format("window is \"{}\": give day, week or rising", asked), "window");
}

Result<Json> trending_json(Service& service, const http::Request& request) {
  ZY_TRY(const auto window, window_of(request));
  ZY_TRY(const auto n, request.query.integer("n", 20, 1, kMost));
  const auto view = service.view();
  auto items = Json::array({});
  // Some of those that trend may be gone or hidden.
  for (const auto& trend : service.live().trending().top(window, service.clock().now(), 2 * kMost)) {
    const auto item = view->find(trend.item);
    if (!item || !view->item(*item).shown()) continue;
    items.push(Json::object({{"id", trend.item.value}, {"title", view->item(*item).title}, {"score", trend.score}}));
    if (static_cast<std::int64_t>(items.elements().size()) == n) break;
  }
  return Json::object({{"items", std::move(items)}});
}

}  // namespace

http::Response trending(Service& service, const http::Request& request) {
  const auto answer = trending_json(service, request);
  return answer.ok() ? http::json_response(200, *answer) : http::error_response(answer.error());
}

}  // namespace zhiyin
