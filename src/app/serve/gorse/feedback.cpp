// /api/feedback, and the feedback of one user or item.
#include <fmt/format.h>

#include <unordered_set>

#include "app/serve/gorse/answers.h"
#include "app/serve/gorse/handlers.h"

namespace zhiyin::gorse {
namespace {

UserId user_id(const http::Request& request) { return UserId(path_value(request, "user-id")); }
ItemId item_id(const http::Request& request) { return ItemId(path_value(request, "item-id")); }
std::string type_of(const http::Request& request) { return path_value(request, "feedback-type"); }

Json to_list(const std::vector<Feedback>& feedbacks) {
  auto list = Json::array();
  for (const auto& feedback : feedbacks) list.push(to_json(feedback));
  return list;
}

Result<std::vector<Feedback>> read_rows(const Gorse& gorse, const std::vector<Json>& rows) {
  std::vector<Feedback> feedbacks;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ZY_TRY(auto feedback, feedback_from_json(rows[i], gorse.service.clock().now()).in(fmt::format("feedback {}", i)));
    feedbacks.push_back(std::move(feedback));
  }
  return feedbacks;
}

// Drops what is about users or items that nobody knows, or makes them known.
Result<void> settle_strangers(Gorse& gorse, std::vector<Feedback>& feedbacks) {
  const auto& store = *gorse.service.home().store;
  const auto view = gorse.service.view();
  std::unordered_set<std::string> strange_users;
  std::unordered_set<std::string> strange_items;
  std::vector<User> users;
  std::vector<Item> items;
  std::unordered_set<std::string_view> seen_users;
  std::unordered_set<std::string_view> seen_items;
  for (const auto& feedback : feedbacks) {
    if (seen_users.insert(feedback.user.value).second) {
      ZY_TRY(const auto user, store.user(feedback.user));
      if (!user) users.push_back({feedback.user, {}, {}});
      if (!user) strange_users.insert(feedback.user.value);
    }
    if (seen_items.insert(feedback.item.value).second && !view->find(feedback.item)) {
      ZY_TRY(const auto known, store.item(feedback.item));
      if (known) continue;
      Item item;
      item.id = feedback.item;
      item.title = feedback.item.value;
      items.push_back(std::move(item));
      strange_items.insert(feedback.item.value);
    }
  }
  if (gorse.options.auto_insert == 0) {
    std::erase_if(feedbacks, [&](const Feedback& feedback) {
      return strange_users.contains(feedback.user.value) || strange_items.contains(feedback.item.value);
    });
    return {};
  }
  if (!users.empty()) ZY_CHECK_OK(gorse.service.ingest().users(users));
  if (items.empty()) return {};
  ZY_CHECK_OK(gorse.service.ingest().items(items));
  gorse.service.refresh_soon();
  return {};
}

http::Response write(Gorse& gorse, const http::Request& request, Existing existing) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto rows, list_of(request));
    ZY_TRY(auto feedbacks, read_rows(gorse, rows));
    ZY_CHECK_OK(settle_strangers(gorse, feedbacks));
    ZY_CHECK_OK(gorse.feedbacks.write(feedbacks, existing));
    return success(static_cast<std::int64_t>(feedbacks.size()));
  }());
}

}  // namespace

http::Response post_feedback(Gorse& gorse, const http::Request& request) {
  return write(gorse, request, Existing::kAddTo);
}

http::Response put_feedback(Gorse& gorse, const http::Request& request) {
  return write(gorse, request, Existing::kOverwrite);
}

http::Response list_feedback(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto part, part_of(gorse, request, kMostRows));
    ZY_TRY(const auto after, from_cursor(request, 3));
    ZY_TRY(const auto page,
           gorse.feedbacks.page(type_of(request), {after[0], UserId(after[1]), ItemId(after[2])}, part.n));
    const bool more = part.n > 0 && page.size() == part.n;
    const auto next =
        more ? to_cursor({page.back().type, page.back().user.value, page.back().item.value}) : std::string();
    return Json::object({{"Cursor", next}, {"Feedback", to_list(page)}});
  }());
}

http::Response get_feedback(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    const FeedbackKey key{type_of(request), user_id(request), item_id(request)};
    ZY_TRY(const auto feedback, gorse.feedbacks.one(key));
    if (!feedback)
      return not_found(
          fmt::format("feedback {} of user {} on item {} is not found", key.type, key.user.value, key.item.value));
    return to_json(*feedback);
  }());
}

http::Response delete_feedback(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto rows, gorse.feedbacks.erase(type_of(request), user_id(request), item_id(request)));
    return success(rows);
  }());
}

http::Response get_pair(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto feedbacks, gorse.feedbacks.of_pair(user_id(request), item_id(request)));
    return to_list(feedbacks);
  }());
}

http::Response delete_pair(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto rows, gorse.feedbacks.erase(user_id(request), item_id(request)));
    return success(rows);
  }());
}

http::Response feedback_of_user(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto feedbacks, gorse.feedbacks.of_user(user_id(request), type_of(request)));
    return to_list(feedbacks);
  }());
}

http::Response feedback_of_item(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto feedbacks, gorse.feedbacks.of_item(item_id(request), type_of(request)));
    return to_list(feedbacks);
  }());
}

}  // namespace zhiyin::gorse
