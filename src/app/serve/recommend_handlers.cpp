#include <fmt/format.h>

#include <algorithm>

#include "app/serve/answer_json.h"
#include "app/serve/handlers.h"
#include "base/lines.h"
#include "domain/user.h"

namespace zhiyin {
namespace {

constexpr std::int64_t kMaxSlate = 500;
constexpr std::size_t kMaxEvents = 10'000;

struct Asked {
  Request request;
  bool attributes = true;
};

Result<std::int64_t> slate_length(const Json& n) {
  if (n.is_null()) return std::int64_t{20};
  if (!n.is_integer() || n.as_integer() < 1 || n.as_integer() > kMaxSlate) {
    return invalid(fmt::format("n must be a whole number from 1 to {}", kMaxSlate), "n");
  }
  return n.as_integer();
}

Result<Asked> from_body(const Json& body) {
  if (!body.is_object()) return invalid("the body must be a JSON object, e.g. {\"user\":\"42\",\"n\":20}");
  Asked asked;
  if (body.has("user") == body.has("guest")) return invalid("give either user or guest", "user");
  const auto who = body.has("user") ? body["user"] : body["guest"];
  ZY_CHECK_OK(check_id(who.as_string(), body.has("user") ? "user" : "guest"));
  asked.request.user = UserId(body.has("user") ? std::string(who.as_string())
                                               : std::string(kGuestPrefix) + std::string(who.as_string()));
  ZY_TRY(const auto n, slate_length(body["n"]));
  asked.request.count = static_cast<std::size_t>(n);
  for (const auto& id : body["exclude"].elements()) asked.request.exclude.emplace_back(id.as_string());
  asked.attributes = body["attributes"].as_bool(true);
  return asked;
}

Result<Asked> from_query(const http::Parameters& query) {
  auto body = Json::object();
  for (const auto& [name, value] : query) {
    if (name == "user" || name == "guest") body.set(name, value);
  }
  ZY_TRY(const auto n, query.integer("n", 20, 1, kMaxSlate));
  body.set("n", n);
  auto exclude = Json::array();
  for (const auto& [name, value] : query) {
    if (name == "exclude") exclude.push(value);
  }
  body.set("exclude", std::move(exclude));
  body.set("attributes", query.get_or("attributes", "true") != "false");
  return from_body(body);
}

Result<Json> recommend_json(Service& service, const http::Request& request) {
  Asked asked;
  if (request.method == http::Method::kPost) {
    ZY_TRY(const auto body, Json::parse(request.body).in("body"));
    ZY_TRY(asked, from_body(body));
    asked.request.language = body["lang"].as_string() == "zh" ? Language::kChinese : language_of(request);
  } else {
    ZY_TRY(asked, from_query(request.query));
    asked.request.language = language_of(request);
  }
  ZY_TRY(const auto profile, service.home().store->user(asked.request.user));
  asked.request.registered = profile.has_value();
  ZY_TRY(const auto slate, service.recommender().recommend(asked.request));
  auto degraded = Json::array();
  for (const auto& source : slate.degraded) degraded.push(source);
  return Json::object({{"recommendation", slate.recommendation},
                       {"items", items_json(*service.view(), slate.items, asked.attributes)},
                       {"next", nullptr},
                       {"degraded", std::move(degraded)}});
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
