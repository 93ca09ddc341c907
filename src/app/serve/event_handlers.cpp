#include <fmt/format.h>

#include <array>
#include <utility>

#include "app/serve/event_rows.h"
#include "app/serve/event_stream.h"
#include "app/serve/handlers.h"
#include "base/counters.h"
#include "base/http/deferred.h"
#include "domain/fields.h"
#include "domain/user.h"

namespace zhiyin {
namespace {

// The event that makes a guest's past the user's.
Result<Event> merge_event(const http::Request& request, UnixSeconds now) {
  Event event;
  event.type = EventType::kMerge;
  event.user = UserId(request.path_parameters.get_or("id", ""));
  event.time = now;
  ZY_CHECK_OK(check_id(event.user.value, "id"));
  ZY_TRY(const auto body, Json::parse(request.body).in("body"));
  ZY_CHECK_OK(check_fields(body, std::array<std::string_view, 1>{"guest"}));
  ZY_TRY(const auto guest, id_field(body, "guest"));
  event.text = std::string(kGuestPrefix) + guest;
  ZY_CHECK_OK(check_id(event.text, "guest"));
  if (event.user.value.starts_with(kGuestPrefix))
    return invalid(fmt::format("{} is a guest: a guest's past becomes a user's", event.user.value), "id");
  return event;
}

}  // namespace

http::Response post_events(Service& service, const http::Request& request) {
  if (request.incoming != nullptr) return stream_events(service, request);
  auto rows = event_rows(*service.view(), request, service.event_clock().now());
  if (!rows.ok()) return http::error_response(rows.error());
  static auto& rejected = counter("zhiyin_events_total", "Events by what became of them.", {{"outcome", "rejected"}});
  rejected.add(static_cast<std::int64_t>(rows->rejected()));
  const http::Deferred later;
  auto events = std::exchange(rows->events(), {});
  service.ingest().events_later(std::move(events), [later, rows = std::move(*rows)](const Result<Appended>& appended) {
    if (!appended.ok()) return later.answer(http::error_response(appended.error()));
    auto answer = Json::object({{"accepted", appended->accepted}, {"duplicates", appended->duplicates}});
    rows.describe(answer);
    answer.set("offset", appended->offset);
    later.answer(http::json_response(200, answer));
  });
  return later.response();
}

http::Response merge_guest(Service& service, const http::Request& request) {
  auto event = merge_event(request, service.event_clock().now());
  if (!event.ok()) return http::error_response(event.error());
  const http::Deferred later;
  service.ingest().events_later({*event}, [later, event = *event](const Result<Appended>& appended) {
    if (!appended.ok()) return later.answer(http::error_response(appended.error()));
    later.answer(http::json_response(
        200, Json::object({{"user", event.user.value}, {"guest", event.text}, {"offset", appended->offset}})));
  });
  return later.response();
}

}  // namespace zhiyin
