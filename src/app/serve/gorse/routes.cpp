// The table of Gorse's routes. A path that Gorse's clients write with "/" at its end stands here both ways; {category}
// in a path is how older clients say ?category=.
#include "app/serve/gorse/routes.h"

#include "app/serve/gorse/answers.h"
#include "app/serve/gorse/handlers.h"

namespace zhiyin::gorse {
namespace {

using http::Method;

struct Row {
  Method method;
  const char* pattern;
  Handler* handler;
  const char* summary;
};

constexpr const char* kOldForm = "Gorse: the same, as older clients ask.";

constexpr Row kRows[] = {
    {Method::kGet, "/api/health/live", health_live, "Gorse: whether the server lives."},
    {Method::kGet, "/api/health/ready", health_ready, "Gorse: whether the server can answer."},

    {Method::kPost, "/api/user", post_user, "Gorse: add or replace a user."},
    {Method::kGet, "/api/user/{user-id}", get_user, "Gorse: one user."},
    {Method::kPatch, "/api/user/{user-id}", patch_user, "Gorse: change what the body names of a user."},
    {Method::kDelete, "/api/user/{user-id}", delete_user, "Gorse: remove a user and all feedback of theirs."},
    {Method::kPost, "/api/users", post_users, "Gorse: add or replace users."},
    {Method::kGet, "/api/users", list_users, "Gorse: all users, page by page."},

    {Method::kPost, "/api/item", post_item, "Gorse: add or replace an item."},
    {Method::kGet, "/api/item/{item-id}", get_item, "Gorse: one item."},
    {Method::kPatch, "/api/item/{item-id}", patch_item, "Gorse: change what the body names of an item."},
    {Method::kDelete, "/api/item/{item-id}", delete_item, "Gorse: remove an item and all feedback on it."},
    {Method::kPost, "/api/items", post_items, "Gorse: add or replace items."},
    {Method::kGet, "/api/items", list_items, "Gorse: all items, page by page, or those with the words of ?q=."},
    {Method::kPut, "/api/item/{item-id}/category/{category}", put_category, "Gorse: put an item into a category."},
    {Method::kDelete, "/api/item/{item-id}/category/{category}", delete_category, "Gorse: take it out again."},

    {Method::kPost, "/api/feedback", post_feedback, "Gorse: log feedback; values are added to those there are."},
    {Method::kPut, "/api/feedback", put_feedback, "Gorse: log feedback in place of what there is."},
    {Method::kGet, "/api/feedback", list_feedback, "Gorse: all feedback, page by page."},
    {Method::kGet, "/api/feedback/{feedback-type}", list_feedback, "Gorse: all feedback of a type, page by page."},
    {Method::kGet, "/api/feedback/{user-id}/{item-id}", get_pair, "Gorse: a user's feedback on an item."},
    {Method::kDelete, "/api/feedback/{user-id}/{item-id}", delete_pair, "Gorse: take it back."},
    {Method::kGet, "/api/feedback/{feedback-type}/{user-id}/{item-id}", get_feedback, "Gorse: one feedback."},
    {Method::kDelete, "/api/feedback/{feedback-type}/{user-id}/{item-id}", delete_feedback, "Gorse: take it back."},
    {Method::kGet, "/api/user/{user-id}/feedback", feedback_of_user, "Gorse: all feedback of a user."},
    {Method::kGet, "/api/user/{user-id}/feedback/", feedback_of_user, kOldForm},
    {Method::kGet, "/api/user/{user-id}/feedback/{feedback-type}", feedback_of_user, "Gorse: that of one type."},
    {Method::kGet, "/api/item/{item-id}/feedback", feedback_of_item, kOldForm},
    {Method::kGet, "/api/item/{item-id}/feedback/", feedback_of_item, "Gorse: all feedback on an item."},
    {Method::kGet, "/api/item/{item-id}/feedback/{feedback-type}", feedback_of_item, "Gorse: that of one type."},

    {Method::kGet, "/api/recommend/{user-id}", recommend, "Gorse: what next for a user."},
    {Method::kGet, "/api/recommend/{user-id}/", recommend, kOldForm},
    {Method::kGet, "/api/recommend/{user-id}/{category}", recommend, kOldForm},
    {Method::kPost, "/api/session/recommend", session_recommend, "Gorse: what next after the feedback in the body."},
    {Method::kPost, "/api/session/recommend/", session_recommend, kOldForm},
    {Method::kPost, "/api/session/recommend/{category}", session_recommend, kOldForm},
    {Method::kGet, "/api/collaborative-filtering/{user-id}", collaborative,
     "Gorse: what people with a user's taste like."},
    {Method::kGet, "/api/collaborative-filtering/{user-id}/", collaborative, kOldForm},
    {Method::kGet, "/api/collaborative-filtering/{user-id}/{category}", collaborative, kOldForm},

    {Method::kGet, "/api/latest", latest, "Gorse: the latest items; the score is the Unix time."},
    {Method::kGet, "/api/latest/", latest, kOldForm},
    {Method::kGet, "/api/latest/{category}", latest, kOldForm},
    {Method::kGet, "/api/popular", popular, kOldForm},
    {Method::kGet, "/api/popular/", popular, kOldForm},
    {Method::kGet, "/api/popular/{category}", popular, kOldForm},
    {Method::kGet, "/api/non-personalized/{name}", non_personalized, "Gorse: a list that is the same for everybody."},

    {Method::kGet, "/api/item-to-item/{name}/{item-id}", item_neighbours, "Gorse: items like this one."},
    {Method::kGet, "/api/item/{item-id}/neighbors", item_neighbours, kOldForm},
    {Method::kGet, "/api/item/{item-id}/neighbors/", item_neighbours, "Gorse: items like this one."},
    {Method::kGet, "/api/item/{item-id}/neighbors/{category}", item_neighbours, kOldForm},
    {Method::kGet, "/api/user-to-user/{name}/{user-id}", user_neighbours, "Gorse: users with this one's taste."},
    {Method::kGet, "/api/user/{user-id}/neighbors", user_neighbours, kOldForm},
    {Method::kGet, "/api/user/{user-id}/neighbors/", user_neighbours, "Gorse: users with this one's taste."},

    {Method::kGet, "/api/bulk/users", export_users, "Gorse: all users, one a line."},
    {Method::kGet, "/api/bulk/items", export_items, "Gorse: all items, one a line."},
    {Method::kGet, "/api/bulk/feedback", export_feedback, "Gorse: all feedback, one a line."},
    {Method::kPost, "/api/bulk/users", import_users, "Gorse: users, one a line, as they are or as a form's file."},
    {Method::kPost, "/api/bulk/items", import_items, "Gorse: items, likewise."},
    {Method::kPost, "/api/bulk/feedback", import_feedback, "Gorse: feedback, likewise."},
};

}  // namespace

Result<std::shared_ptr<Gorse>> interface_of(Service& service, const GorseOptions& options) {
  ZY_TRY(const auto rules, FeedbackRules::from(options.feedback));
  const auto& home = service.home();
  return std::shared_ptr<Gorse>(new Gorse{
      service, options, rules, {home.path / "feedback.db", *home.log, service.ingest(), service.clock(), rules}});
}

void add_routes(http::Router& router, const std::shared_ptr<Gorse>& gorse) {
  for (const auto& [method, pattern, handler, summary] : kRows) {
    router.add(
        method, pattern, [gorse, handler](const http::Request& request) { return handler(*gorse, request); }, summary);
  }
}

}  // namespace zhiyin::gorse
