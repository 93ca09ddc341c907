#include "app/serve/routes.h"

#include "app/serve/handlers.h"
#include "base/build.h"
#include "base/counters.h"

namespace zhiyin {
namespace {

using http::Method;

void count_request(const http::Observation& seen) {
  const Labels route = {{"route", seen.pattern.empty() ? "other" : std::string(seen.pattern)}};
  auto with_status = route;
  with_status.emplace_back("status", std::to_string(seen.status));
  counter("zhiyin_http_requests_total", "Requests answered.", with_status).add();
  histogram("zhiyin_http_request_seconds", "Time from the request read to the answer made.", route)
      .observe(seen.seconds);
}

http::Response no_page(const http::Request&) {
  return http::text_response(
      404, "The page is not built: run `./run build`, or start with --web DIR. The API is at /openapi.json.\n",
      "text/plain; charset=utf-8");
}

}  // namespace

http::Router make_routes(Service& service, const std::filesystem::path& web) {
  http::Router router;
  const auto route = [&](Method method, const char* pattern, http::Response (*handler)(Service&, const http::Request&),
                         const char* summary) {
    router.add(
        method, pattern, [&service, handler](const http::Request& request) { return handler(service, request); },
        summary);
  };
  route(Method::kPost, "/v1/events", post_events,
        "Log what users did; acknowledged when it is on disk, known to the next answer.");
  route(Method::kGet, "/v1/recommend", recommend, "What next for a user or a guest, and why.");
  route(Method::kPost, "/v1/recommend", recommend, "The same, asked with a JSON body.");
  route(Method::kGet, "/v1/trending", trending,
        "What is done most lately: ?window=day, week, or rising (more in its day than its week leads one to expect).");
  route(Method::kGet, "/v1/items/{id}", get_item, "One item.");
  route(Method::kPut, "/v1/items/{id}", put_item, "Add an item, or replace its words.");
  route(Method::kPatch, "/v1/items/{id}", patch_item, "Change the fields that the body names.");
  route(Method::kDelete, "/v1/items/{id}", delete_item, "Remove an item; its events stay in the log.");
  route(Method::kGet, "/v1/items/{id}/similar", get_similar, "Items that sound, look or read like this one.");
  route(Method::kGet, "/v1/items/{id}/media", get_media, "The file itself; ranges are answered.");
  route(Method::kGet, "/v1/items/{id}/cover", get_cover,
        "Its cover or key frame; ?size=small for at most 320 pixels of width.");
  route(Method::kGet, "/v1/items/{id}/preview", get_preview, "A few seconds of a video in small moving pictures.");
  route(Method::kGet, "/v1/search", search, "Items by words and by what the words mean.");
  route(Method::kGet, "/v1/users", list_users, "Users, the most active first.");
  route(Method::kGet, "/v1/users/{id}", get_user, "A user with the latest history.");
  route(Method::kPut, "/v1/users/{id}", put_user, "Add a user, or replace the profile.");
  route(Method::kGet, "/healthz", healthz, "Whether the server lives, and on which snapshot.");
  route(Method::kGet, "/readyz", healthz, "Whether the server can answer.");
  route(Method::kGet, "/metrics", metrics, "Numbers for Prometheus.");

  auto description = openapi(router).dump();
  router.add(
      Method::kGet, "/openapi.json",
      [description = std::move(description)](const http::Request&) {
        return http::text_response(200, description, "application/json");
      },
      "This description.");
  router.fallback(std::filesystem::exists(web / "index.html") ? http::static_files(web) : http::Handler(no_page));
  router.observe(count_request);
  return router;
}

Json openapi(const http::Router& router) {
  auto paths = Json::object();
  for (const auto& route : router.routes()) {
    auto method = std::string(http::method_name(route.method));
    for (auto& c : method) c = static_cast<char>(c - 'A' + 'a');
    auto operation = Json::object(
        {{"summary", route.summary}, {"responses", Json::object({{"200", Json::object({{"description", "done"}})}})}});
    auto parameters = Json::array();
    if (route.pattern.find("{id}") != std::string::npos) {
      parameters.push(Json::object(
          {{"name", "id"}, {"in", "path"}, {"required", true}, {"schema", Json::object({{"type", "string"}})}}));
    }
    operation.set("parameters", std::move(parameters));
    auto methods = paths[route.pattern];
    methods.set(method, std::move(operation));
    paths.set(route.pattern, std::move(methods));
  }
  return Json::object({{"openapi", "3.0.3"},
                       {"info", Json::object({{"title", "zhiyin"}, {"version", version()}})},
                       {"paths", std::move(paths)}});
}

}  // namespace zhiyin
