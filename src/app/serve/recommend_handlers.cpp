#include <fmt/format.h>

#include <algorithm>

#include "app/serve/answer_json.h"
#include "app/serve/handlers.h"
#include "app/serve/page_token.h"
#include "app/serve/recommend_request.h"
#include "base/lines.h"

namespace zhiyin {
namespace {

constexpr std::size_t kMaxEvents = 10'000;

// {"recommendation","items","next","degraded"}: next is null where the catalogue is at its end, or a token has shown
// as much as it can remember.
Result<Json> slate_json(Service& service, Request request, const Asked& asked) {
  const auto view = service.view();
  PageToken token(request.user, service.clock().now());
  if (!asked.next.empty()) {
    ZY_TRY(token, PageToken::read(asked.next, request.user, service.clock().now()));
    std::ranges::move(token.shown(view), std::back_inserter(request.exclude));
  }
  ZY_TRY(const auto profile, service.home().store->user(request.user));
  request.registered = profile.has_value();
  ZY_TRY(const auto slate, service.recommender().recommend(request));
  for (const auto& one : slate.items) token.add(one.item);
  const bool more = slate.items.size() == request.count && !token.full();
  auto degraded = Json::array();
  for (const auto& source : slate.degraded) degraded.push(source);
  return Json::object({{"recommendation", slate.recommendation},
                       {"items", items_json(*view, slate.items, asked.attributes)},
                       {"next", more ? Json(token.text()) : Json()},
                       {"degraded", std::move(degraded)}});
}

// {"results": [{"user", and a slate or an error}]}: a user whom nobody knows costs only their own.
Json batch_json(Service& service, const Asked& asked) {
  auto results = Json::array();
  for (const auto& request : asked.requests) {
    auto one = Json::object({{"user", request.user.value}});
    auto slate = slate_json(service, request, asked);
    if (!slate.ok()) slate = Json::parse(http::error_response(slate.error()).body);
    for (const auto& [name, value] : slate->members()) one.set(name, value);
    results.push(std::move(one));
  }
  return Json::object({{"results", std::move(results)}});
}

Result<Json> recommend_json(Service& service, const http::Request& request) {
  Asked asked;
  if (request.method == http::Method::kPost) {
    ZY_TRY(const auto body, Json::parse(request.body).in("body"));
    ZY_TRY(asked, read_recommend_body(body, language_of(request)));
  } else {
    ZY_TRY(asked, read_recommend_query(request.query, language_of(request)));
  }
  if (asked.batch) return batch_json(service, asked);
  return slate_json(service, std::move(asked.requests.front()), asked);
}

// A JSON array of events, one event, or one event a line (NDJSON).
Result<std::vector<Json>> rows_of(const http::Request& request) {
  std::vector<Json> rows;
  const auto type = request.headers.get("Content-Type").value_or("");
  const bool lines = type.find("ndjson") != std::string_view::npos || type.find("jsonl") != std::string_view::npos;
  if (!lines) {
    auto body = Json::parse(request.body);
    if (body.ok()) {
      rows = body->is_array() ? body->elements() : std::vector<Json>{*body};
      if (rows.size() > kMaxEvents)
        return Error{
            ErrorCode::kTooLarge, fmt::format("{} events in one request; at most {}", rows.size(), kMaxEvents), {}};
      return rows;
    }
    if (request.body.find("}\n{") == std::string::npos) return std::move(body).error().in("body");
  }
  for (Lines each(request.body); const auto line = each.next();) {
    ZY_TRY(auto row, Json::parse(*line).in(fmt::format("line {}", each.number())));
    rows.push_back(std::move(row));
  }
  return rows;
}

Result<Event> check(const View& view, const Json& row, UnixSeconds now) {
  ZY_TRY(auto event, event_from_json(row, now));
  if (!view.find(event.item)) {
    return invalid(
        fmt::format("no item has the id {}: PUT /v1/items/{} or import it first", event.item.value, event.item.value),
        "item");
  }
  return event;
}

Result<Json> post_events_json(Service& service, const http::Request& request) {
  ZY_TRY(const auto rows, rows_of(request));
  const auto view = service.view();
  std::vector<Event> events;
  auto rejected = Json::array();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto event = check(*view, rows[i], service.clock().now());
    if (event.ok()) {
      events.push_back(std::move(*event));
    } else {
      rejected.push(Json::object({{"index", i}, {"field", event.error().field}, {"message", event.error().message}}));
    }
  }
  ZY_TRY(const auto appended, service.ingest().events(events));
  return Json::object({{"accepted", appended.accepted},
                       {"duplicates", appended.duplicates},
                       {"rejected", std::move(rejected)},
                       {"offset", appended.offset}});
}

}  // namespace

Language language_of(const http::Request& request) {
  const auto asked = request.query.get("lang").value_or(request.headers.get("Accept-Language").value_or("en"));
  return asked.starts_with("zh") ? Language::kChinese : Language::kEnglish;
}

http::Response recommend(Service& service, const http::Request& request) {
  const auto answer = recommend_json(service, request);
  return answer.ok() ? http::json_response(200, *answer) : http::error_response(answer.error());
}

http::Response post_events(Service& service, const http::Request& request) {
  const auto answer = post_events_json(service, request);
  return answer.ok() ? http::json_response(200, *answer) : http::error_response(answer.error());
}

}  // namespace zhiyin
