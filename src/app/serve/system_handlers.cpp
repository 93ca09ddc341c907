#include "app/serve/handlers.h"
#include "base/build.h"
#include "base/counters.h"

namespace zhiyin {

http::Response healthz(Service& service, const http::Request&) {
  const auto view = service.view();
  const auto* snapshot = view->snapshot();
  const auto overlay = service.live().overlay();
  return http::json_response(
      200, Json::object({{"status", "ok"},
                         {"version", version()},
                         {"items", view->items().size()},
                         {"users", service.live().count_users()},
                         {"events", service.live().count_events()},
                         {"learned_offset", overlay == nullptr ? Json() : Json(overlay->offset)},
                         {"snapshot", snapshot == nullptr ? Json() : Json(snapshot->id)},
                         {"recommender", snapshot == nullptr ? Json() : Json(snapshot->recommender)}}));
}

http::Response metrics(Service& service, const http::Request&) {
  service.measure_freshness();
  static auto& waiting = gauge("zhiyin_events_waiting", "Events that wait for the disk.");
  waiting.set(static_cast<double>(service.home().log->waiting_events()));
  return http::text_response(200, metrics_text(), "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace zhiyin
