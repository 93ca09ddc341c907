#include "app/serve/routes.h"

#include "app/serve/feed_streams.h"
#include "app/serve/handlers.h"
#include "app/serve/openapi.h"

namespace zhiyin {
namespace {

using http::Method;

constexpr std::string_view kListQuery = "category window n offset exclude user";

http::Response no_page(const http::Request&) {
  return http::text_response(
      404, "The page is not built: run `./run build`, or start with --web DIR. The API is at /openapi.json.\n",
      "text/plain; charset=utf-8");
}

struct Notes {
  const char* summary;
  std::string_view query;
  std::string_view body;
  std::string_view answer;
  std::string_view type;

  operator http::RouteNotes() const {  // NOLINT: a table's row
    http::RouteNotes notes(summary);
    notes.query = query;
    notes.body = body;
    notes.answer = answer;
    notes.type = type;
    return notes;
  }
};

}  // namespace

http::Router make_routes(Service& service, const std::filesystem::path& web, const RouteOptions& options) {
  http::Router router;
  const auto route = [&](Method method, const char* pattern, http::Response (*handler)(Service&, const http::Request&),
                         const Notes& notes) {
    router.add(
        method, pattern, [&service, handler](const http::Request& request) { return handler(service, request); },
        notes);
  };
  route(Method::kPost, "/v1/events", post_events,
        {"Log what users did; acknowledged when it is on disk, known to the next answer.", "", "Events", "Accepted"});
  route(Method::kGet, "/v1/recommend", recommend,
        {"What next for a user or a guest, and why.", "user guest items n exclude category next attributes lang", "",
         "Slate"});
  route(Method::kPost, "/v1/recommend", recommend, {"The same, asked with a JSON body.", "lang", "Question", "Slate"});
  route(Method::kGet, "/v1/latest", latest, {"The items published last.", kListQuery, "", "List"});
  route(Method::kGet, "/v1/popular", popular,
        {"What most people like, of all time or of a window.", kListQuery, "", "List"});
  route(Method::kGet, "/v1/trending", trending, {"What is being liked just now.", kListQuery, "", "List"});
  route(Method::kGet, "/v1/items/{id}", get_item, {"One item.", "", "", "Item"});
  route(Method::kPut, "/v1/items/{id}", put_item, {"Add an item, or replace its words.", "", "Item", "Item"});
  route(Method::kPatch, "/v1/items/{id}", patch_item, {"Change the fields that the body names.", "", "Item", "Item"});
  route(Method::kDelete, "/v1/items/{id}", delete_item,
        {"Remove an item; its events stay in the log.", "", "", "Deleted"});
  route(Method::kGet, "/v1/items/{id}/similar", get_similar,
        {"Items that sound, look or read like this one.", "n lang", "", "Items"});
  route(Method::kGet, "/v1/items/{id}/media", get_media,
        {"The file itself; ranges are answered.", "", "", "", "application/octet-stream"});
  route(Method::kGet, "/v1/items/{id}/cover", get_cover,
        {"Its cover or key frame; ?size=small for at most 320 pixels of width.", "size", "", "", "image/jpeg"});
  route(Method::kGet, "/v1/items/{id}/preview", get_preview,
        {"A few seconds of a video in small moving pictures.", "", "", "", "image/webp"});
  route(Method::kGet, "/v1/search", search, {"Items by words and by what the words mean.", "q n lang", "", "Items"});
  route(Method::kGet, "/v1/users", list_users, {"Users, the most active first.", "q n", "", "Users"});
  route(Method::kGet, "/v1/users/{id}", get_user, {"A user with the latest history.", "", "", "User"});
  route(Method::kPut, "/v1/users/{id}", put_user, {"Add a user, or replace the profile.", "", "User", "User"});
  route(Method::kPost, "/v1/users/{id}/merge", merge_guest,
        {"What a guest did so far becomes the user's, at login.", "", "Guest", "Merged"});
  route(Method::kGet, "/v1/users/{id}/similar", get_similar_users, {"Users who like the same.", "n", "", "Likeness"});
  route(Method::kGet, "/healthz", healthz, {"Whether the server lives, and on which snapshot.", "", "", "Health"});
  route(Method::kGet, "/readyz", healthz, {"Whether the server can answer.", "", "", "Health"});
  route(Method::kGet, "/metrics", metrics, {"Numbers for Prometheus.", "", "", "", "text/plain"});
  const auto streams = std::make_shared<FeedStreams>(service, options.streams);
  router.add(
      Method::kGet, "/v1/stream", [streams](const http::Request& request) { return streams->open(request); },
      Notes{"Server-sent events: that a new slate is worth asking for, and how trainings go on.", "user guest", "", "",
            "text/event-stream"});
  if (options.reload) {
    router.add(
        Method::kPost, "/v1/admin/reload",
        [reload = options.reload](const http::Request&) {
          const auto done = reload();
          return done.ok() ? http::json_response(200, *done) : http::error_response(done.error());
        },
        Notes{"Read the settings again: what can change while running does, the rest is named.", "", "", "Reloaded"});
  }
  if (options.more) options.more(router);

  // The description is of all routes, its own among them.
  const auto description = std::make_shared<std::string>();
  router.add(
      Method::kGet, "/openapi.json",
      [description](const http::Request&) { return http::text_response(200, *description, "application/json"); },
      Notes{"This description.", "", "", "", "application/json"});
  *description = openapi(router, options.base_path).dump();
  router.fallback(std::filesystem::exists(web / "index.html") ? http::static_files(web) : http::Handler(no_page));
  return router;
}

}  // namespace zhiyin
