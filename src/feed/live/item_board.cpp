#include "feed/live/item_board.h"

#include <cassert>
#include <utility>

namespace zhiyin {

void ItemBoard::count(const ItemId& item, int likes) {
  const auto [found, is_new] = index_.try_emplace(item, static_cast<std::uint32_t>(items_.size()));
  const auto at = found->second;
  if (is_new) {
    items_.push_back({item, {}});
    place_.push_back(at);
    by_likes_.push_back(at);
    if (above_.empty()) above_.push_back(0);
  }
  ++items_[at].activity.events;
  like(at, likes);
}

void ItemBoard::change_likes(const ItemId& item, int change) {
  const auto found = index_.find(item);
  assert(found != index_.end());
  for (; change > 0; --change) like(found->second, 1);
  for (; change < 0; ++change) like(found->second, -1);
}

void ItemBoard::like(std::uint32_t at, int likes) {
  auto& activity = items_[at].activity;
  const auto have = static_cast<std::size_t>(activity.likes);
  if (likes > 0) {  // to the front of those with as many, who then begin one place later
    move(at, above_[have]++);
    if (have + 1 == above_.size()) above_.push_back(0);
  } else if (likes < 0) {  // to the back of them, where those with one fewer begin
    assert(have > 0);
    move(at, --above_[have - 1]);
  }
  activity.likes += likes;
}

void ItemBoard::move(std::uint32_t item, std::size_t to) {
  const auto other = by_likes_[to];
  std::swap(by_likes_[place_[item]], by_likes_[to]);
  std::swap(place_[item], place_[other]);
}

const ActiveItem* ItemBoard::find(const ItemId& item) const {
  const auto found = index_.find(item);
  return found == index_.end() ? nullptr : &items_[found->second];
}

}  // namespace zhiyin
