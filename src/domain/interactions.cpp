#include "domain/interactions.h"

#include <algorithm>
#include <cassert>
#include <tuple>

namespace zhiyin {

Interactions Interactions::from(std::span<const Interaction> cells, std::size_t users, std::size_t items) {
  std::vector<Interaction> sorted(cells.begin(), cells.end());
  std::ranges::stable_sort(sorted, {},
                           [](const Interaction& cell) { return std::tuple(cell.user, cell.item, cell.time); });

  Interactions built;
  built.items_ = items;
  built.offsets_.assign(users + 1, 0);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const auto& cell = sorted[i];
    assert(cell.user < users && cell.item < items);
    const bool repeated_later =
        i + 1 < sorted.size() && sorted[i + 1].user == cell.user && sorted[i + 1].item == cell.item;
    if (repeated_later) continue;
    ++built.offsets_[cell.user + 1];
    built.item_.push_back(cell.item);
    built.weight_.push_back(cell.weight);
    built.time_.push_back(cell.time);
  }
  for (std::size_t user = 0; user < users; ++user) built.offsets_[user + 1] += built.offsets_[user];
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
