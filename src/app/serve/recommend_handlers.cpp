#include <fmt/format.h>

#include <algorithm>

#include "app/serve/answer_json.h"
#include "app/serve/handlers.h"
#include "domain/user.h"

namespace zhiyin {
namespace {

constexpr std::int64_t kMaxSlate = 500;

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
  service.live().outcomes().give(slate);
  auto degraded = Json::array();
  for (const auto& source : slate.degraded) degraded.push(source);
  return Json::object({{"recommendation", slate.recommendation},
                       {"items", items_json(*service.view(), slate.items, asked.attributes)},
                       {"next", nullptr},
                       {"degraded", std::move(degraded)}});
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

}  // namespace zhiyin
