#include "app/serve/gorse/known_users.h"

#include <iterator>
#include <map>

namespace zhiyin::gorse {

Result<std::optional<User>> known_user(const Service& service, const UserId& id) {
  ZY_TRY(auto user, service.home().store->user(id));
  const auto past = user ? nullptr : service.live().user(id);
  if (past != nullptr && !past->touched.empty() && !id.value.starts_with(kGuestPrefix)) user = User{id, {}, {}};
  return user;
}

Result<std::vector<User>> known_users_after(const Service& service, const std::string& id, std::size_t count) {
  ZY_TRY(auto with_profile, service.home().store->users_after(id, count));
  std::map<std::string, User> users;  // the first `count` so far
  const auto enter = [&](User user) {
    if (users.size() == count && (count == 0 || users.rbegin()->first <= user.id.value)) return;
    users.try_emplace(user.id.value, std::move(user));
    if (users.size() > count) users.erase(std::prev(users.end()));
  };
  for (auto& user : with_profile) enter(std::move(user));
  for (const auto& [other, past] : service.live().everybody()) {
    if (other.value > id && !past->touched.empty() && !other.value.starts_with(kGuestPrefix)) enter({other, {}, {}});
  }
  std::vector<User> page;
  for (auto& [name, user] : users) page.push_back(std::move(user));
  return page;
}

}  // namespace zhiyin::gorse
