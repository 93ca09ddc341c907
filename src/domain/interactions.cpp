#include "domain/interactions.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <tuple>

namespace zhiyin {

Interactions Interactions::from(std::span<const Interaction> cells, std::size_t users, std::size_t items) {
  std::vector<std::uint32_t> order(cells.size());  // of `cells`, as they are to be kept
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(
      order, {}, [&](std::uint32_t at) { return std::tuple(cells[at].user, cells[at].item, cells[at].time); });
  const auto repeated_later = [&](std::size_t i) {
    return i + 1 < order.size() && cells[order[i + 1]].user == cells[order[i]].user &&
           cells[order[i + 1]].item == cells[order[i]].item;
  };
  std::size_t kept = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (!repeated_later(i)) order[kept++] = order[i];
  }
  order.resize(kept);

  Interactions built;
  built.items_ = items;
  built.offsets_.assign(users + 1, 0);
  for (const auto at : order) {
    const auto& cell = cells[at];
    assert(cell.user < users && cell.item < items);
    ++built.offsets_[cell.user + 1];
    built.item_.push_back(cell.item);
    built.weight_.push_back(cell.weight);
    built.time_.push_back(cell.time);
  }
  for (std::size_t user = 0; user < users; ++user) built.offsets_[user + 1] += built.offsets_[user];

  std::ranges::sort(order, {}, [&](std::uint32_t at) { return std::tuple(cells[at].user, cells[at].time, at); });
  built.in_order_.resize(order.size());
  std::ranges::transform(order, built.in_order_.begin(), [&](std::uint32_t at) { return cells[at].item; });
  return built;
}

Interactions Interactions::transposed() const {
  Interactions flipped;
  flipped.items_ = users();
  flipped.offsets_.assign(items_ + 1, 0);
  for (const auto item : item_) ++flipped.offsets_[item + 1];
  for (std::size_t item = 0; item < items_; ++item) flipped.offsets_[item + 1] += flipped.offsets_[item];
  flipped.item_.resize(size());
  flipped.weight_.resize(size());
  flipped.time_.resize(size());
  auto next = flipped.offsets_;
  for (UserIndex user = 0; user < users(); ++user) {
    for (auto cell = offsets_[user]; cell < offsets_[user + 1]; ++cell) {
      const auto at = next[item_[cell]]++;
      flipped.item_[at] = user;
      flipped.weight_[at] = weight_[cell];
      flipped.time_[at] = time_[cell];
    }
  }
  return flipped;
}

std::vector<std::uint32_t> Interactions::item_counts() const {
  std::vector<std::uint32_t> counts(items_, 0);
  for (const auto item : item_) ++counts[item];
  return counts;
}

}  // namespace zhiyin
