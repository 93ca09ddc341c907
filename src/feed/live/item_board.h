// Every item that somebody did something with: how much, in the order of their first event, and by likes.
//
// The order by likes is kept up to date event by event: items with as many likes stand side by side, so one like more
// swaps an item with the first of its equals. Not thread-safe.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "domain/ids.h"

namespace zhiyin {

struct ItemActivity {
  std::int64_t likes = 0;   // users whose opinion of it is positive
  std::int64_t events = 0;  // anything done with it; being shown does not count
};

struct ActiveItem {
  ItemId id;
  ItemActivity activity;
};

class ItemBoard {
 public:
  // One event more; `likes`: -1, 0 or +1. An item without likes cannot lose one: that is a bug. Constant time.
  void count(const ItemId& item, int likes);

  // No event, but an opinion that was taken back or that two users turned out to share. The item has an event.
  void change_likes(const ItemId& item, int change);

  [[nodiscard]] std::size_t size() const { return items_.size(); }
  // By the order of their first event.
  [[nodiscard]] const ActiveItem& operator[](std::size_t i) const { return items_[i]; }
  [[nodiscard]] const ActiveItem* find(const ItemId& item) const;
  // The items' places in that order, the most liked first; equals in no order.
  [[nodiscard]] const std::vector<std::uint32_t>& by_likes() const { return by_likes_; }

 private:
  void like(std::uint32_t item, int likes);  // -1, 0 or +1
  void move(std::uint32_t item, std::size_t to);

  std::vector<ActiveItem> items_;
  std::unordered_map<ItemId, std::uint32_t> index_;
  std::vector<std::uint32_t> by_likes_;
  std::vector<std::uint32_t> place_;  // of each item in by_likes_
  std::vector<std::size_t> above_;    // by likes n: how many items have more than n
};

}  // namespace zhiyin
