#include <fmt/format.h>

#include <array>

#include "app/serve/handlers.h"
#include "base/counters.h"
#include "base/http/deferred.h"
#include "base/lines.h"
#include "domain/fields.h"
#include "domain/user.h"

namespace zhiyin {
namespace {

constexpr std::size_t kMaxEvents = 10'000;  // of one array; lines are bounded by the body alone

// A request's events: the good ones, and why the others are not.
struct Taken {
  std::vector<Event> events;
  Json rejected = Json::array();

  void take(std::size_t index, Result<Event> event) {
    if (event.ok()) {
      events.push_back(std::move(*event));
    } else {
      const auto& error = event.error();
      rejected.push(Json::object({{"index", index}, {"field", error.field}, {"message", error.message}}));
    }
  }
};

Result<Event> check(const View& view, const Json& row, UnixSeconds now) {
  ZY_TRY(auto event, event_from_json(row, now));
  if (event.type == EventType::kMerge)
    return invalid("a merge is asked for by POST /v1/users/{id}/merge with {\"guest\":\"...\"}", "type");
  if (!view.find(event.item)) {
    return invalid(
        fmt::format("no item has the id {}: PUT /v1/items/{} or import it first", event.item.value, event.item.value),
        "item");
  }
  return event;
}

bool are_lines(const http::Request& request) {
  const auto type = request.headers.get("Content-Type").value_or("");
  return type.find("ndjson") != std::string_view::npos || type.find("jsonl") != std::string_view::npos;
}

// One event a line; a line that is no JSON costs itself.
Taken take_lines(const View& view, std::string_view body, UnixSeconds now) {
  Taken taken;
  std::size_t index = 0;
  for (Lines each(body); const auto line = each.next(); ++index) {
    const auto row = Json::parse(*line);
    taken.take(index, row.ok() ? check(view, *row, now) : Result<Event>(row.error()));
  }
  return taken;
}

// A JSON array of events, one event, or one event a line.
Result<Taken> take_events(const View& view, const http::Request& request, UnixSeconds now) {
  if (are_lines(request)) return take_lines(view, request.body, now);
  const auto body = Json::parse(request.body);
  if (!body.ok()) {
    if (request.body.find("}\n{") != std::string::npos) return take_lines(view, request.body, now);
    return Result<Taken>(body.error()).in("body");
  }
  Taken taken;
  if (!body->is_array()) {
    taken.take(0, check(view, *body, now));
    return taken;
  }
  const auto& rows = body->elements();
  if (rows.size() > kMaxEvents) {
    return Error{ErrorCode::kTooLarge,
                 fmt::format("{} events in one array: at most {}, or send them as lines (application/x-ndjson)",
                             rows.size(), kMaxEvents),
                 {}};
  }
  taken.events.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) taken.take(i, check(view, rows[i], now));
  return taken;
}

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
  auto taken = take_events(*service.view(), request, service.event_clock().now());
  if (!taken.ok()) return http::error_response(taken.error());
  static auto& rejected = counter("zhiyin_events_total", "Events by what became of them.", {{"outcome", "rejected"}});
  rejected.add(static_cast<std::int64_t>(taken->rejected.elements().size()));
  const http::Deferred later;
  service.ingest().events_later(
      std::move(taken->events), [later, refused = std::move(taken->rejected)](const Result<Appended>& appended) {
        if (!appended.ok()) return later.answer(http::error_response(appended.error()));
        later.answer(http::json_response(200, Json::object({{"accepted", appended->accepted},
                                                            {"duplicates", appended->duplicates},
                                                            {"rejected", refused},
                                                            {"offset", appended->offset}})));
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
