// /api/user, /api/users.
#include <fmt/format.h>

#include "app/serve/gorse/answers.h"
#include "app/serve/gorse/handlers.h"
#include "app/serve/gorse/known_users.h"
#include "feed/ingest/gorse_catalogue.h"

namespace zhiyin::gorse {
namespace {

UserId user_id(const http::Request& request) { return UserId(path_value(request, "user-id")); }

Result<User> stored_user(const Gorse& gorse, const UserId& id) {
  ZY_TRY(auto user, known_user(gorse.service, id));
  if (!user) return not_found(fmt::format("user {} is not found", id.value));
  return std::move(*user);
}

// What the catalogue has, or a new one: a user's name, and attributes that Gorse has no word for, stay.
Result<User> user_of(const Gorse& gorse, const Json& json) {
  ZY_TRY(auto id, id_member(json, "UserId"));
  ZY_TRY(auto known, gorse.service.home().store->user(UserId(id)));
  return user_from_gorse(json, known ? std::move(*known) : User{UserId(std::move(id)), {}, {}});
}

Result<Json> write_users(Gorse& gorse, const std::vector<Json>& rows) {
  std::vector<User> users;
  for (const auto& row : rows) {
    ZY_TRY(auto user, user_of(gorse, row));
    users.push_back(std::move(user));
  }
  ZY_CHECK_OK(gorse.service.ingest().users(users));
  return success(static_cast<std::int64_t>(users.size()));
}

}  // namespace

http::Response post_user(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(auto body, body_of(request));
    return write_users(gorse, {std::move(body)});
  }());
}

http::Response post_users(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto rows, list_of(request));
    return write_users(gorse, rows);
  }());
}

http::Response get_user(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto user, stored_user(gorse, user_id(request)));
    return to_gorse(user);
  }());
}

http::Response patch_user(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto body, body_of(request));
    ZY_TRY(auto known, stored_user(gorse, user_id(request)));
    ZY_TRY(const auto user, user_patched(std::move(known), body));
    ZY_CHECK_OK(gorse.service.ingest().users({&user, 1}));
    return success(1);
  }());
}

http::Response delete_user(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    const auto id = user_id(request);
    ZY_TRY(const auto known, gorse.service.home().store->user(id));
    ZY_TRY(const auto feedbacks, gorse.feedbacks.erase(id));
    ZY_CHECK_OK(gorse.service.home().store->erase_user(id));
    return success(known || feedbacks > 0 ? 1 : 0);
  }());
}

http::Response list_users(Gorse& gorse, const http::Request& request) {
  return answer([&]() -> Result<Json> {
    ZY_TRY(const auto part, part_of(gorse, request, kMostRows));
    ZY_TRY(const auto after, from_cursor(request, 1));
    ZY_TRY(const auto users, known_users_after(gorse.service, after[0], part.n));
    auto list = Json::array();
    for (const auto& user : users) list.push(to_gorse(user));
    const bool more = part.n > 0 && users.size() == part.n;
    return Json::object({{"Cursor", more ? to_cursor({users.back().id.value}) : ""}, {"Users", std::move(list)}});
  }());
}

}  // namespace zhiyin::gorse
