#include "feed/live/merge_users.h"

#include <algorithm>
#include <unordered_map>

namespace zhiyin {

std::vector<std::pair<ItemId, int>> take_over(UserState& user, const UserState& guest) {
  std::vector<std::pair<ItemId, int>> likes;
  std::unordered_map<ItemId, std::size_t> places;
  for (std::size_t i = 0; i < user.touched.size(); ++i) places.emplace(user.touched[i].item, i);
  for (const auto& theirs : guest.touched) {
    const auto [place, is_new] = places.try_emplace(theirs.item, user.touched.size());
    if (is_new) {
      user.touched.push_back(theirs);
      continue;
    }
    auto& own = user.touched[place->second];
    const int before = static_cast<int>(own.preference > 0) + static_cast<int>(theirs.preference > 0);
    const bool own_first = own.time <= theirs.time;
    own.preference = own_first ? later_preference(own.preference, theirs.preference)
                               : later_preference(theirs.preference, own.preference);
    if (own_first) {
      own.time = theirs.time;
      own.last = theirs.last;
    }
    if (const int change = static_cast<int>(own.preference > 0) - before; change != 0)
      likes.emplace_back(own.item, change);
  }
  std::ranges::stable_sort(user.touched, {}, &Touched::time);
  if (user.touched.size() > Live::kHistory) {
    user.touched.erase(user.touched.begin(), user.touched.end() - static_cast<std::ptrdiff_t>(Live::kHistory));
  }
  user.events += guest.events;
  return likes;
}

}  // namespace zhiyin
