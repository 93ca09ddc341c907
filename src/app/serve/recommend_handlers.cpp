#include <fmt/format.h>

#include <algorithm>

#include "app/serve/answer_json.h"
#include "app/serve/handlers.h"
#include "app/serve/page_token.h"
#include "app/serve/recommend_request.h"

namespace zhiyin {
namespace {

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
  service.live().outcomes().give(slate);
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
