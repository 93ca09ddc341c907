// Who touched what: the sparse users x items matrix that matching models learn from.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"

namespace zhiyin {

// Positions in a catalogue or user table of one moment; never stored beyond it.
using ItemIndex = std::uint32_t;
using UserIndex = std::uint32_t;

// One cell: weight is how strongly it speaks for the item (1 for a plain positive; ratings keep their stars).
struct Interaction {
  UserIndex user;
  ItemIndex item;
  float weight = 1.0F;
  UnixSeconds time = 0;
};

// Compressed rows, users x items. Within a row: ascending item, each once. Immutable once built; safe to share.
class Interactions {
 public:
  Interactions() = default;

  // Repeats of a cell: the later one (by time, then by position in `cells`) wins. Every index must be in range.
  static Interactions from(std::span<const Interaction> cells, std::size_t users, std::size_t items);

  [[nodiscard]] std::size_t users() const { return offsets_.empty() ? 0 : offsets_.size() - 1; }
  [[nodiscard]] std::size_t items() const { return items_; }
  [[nodiscard]] std::size_t size() const { return item_.size(); }

  // The items of one user, their weights and times, all of the same length.
  [[nodiscard]] std::span<const ItemIndex> row(UserIndex user) const { return slice(item_, user); }
  [[nodiscard]] std::span<const float> weights(UserIndex user) const { return slice(weight_, user); }
  [[nodiscard]] std::span<const UnixSeconds> times(UserIndex user) const { return slice(time_, user); }

  // The items of one user, oldest first; of two at one time the one that stood first in `cells`. Empty in what
  // transposed() gives.
  [[nodiscard]] std::span<const ItemIndex> in_order(UserIndex user) const { return slice(in_order_, user); }

  // Items x users.
  [[nodiscard]] Interactions transposed() const;

  // Number of users per item.
  [[nodiscard]] std::vector<std::uint32_t> item_counts() const;

 private:
  template <typename T>
  std::span<const T> slice(const std::vector<T>& values, UserIndex user) const {
    if (values.empty()) return {};
    return std::span(values).subspan(offsets_[user], offsets_[user + 1] - offsets_[user]);
  }

  std::size_t items_ = 0;
  std::vector<std::size_t> offsets_;
  std::vector<ItemIndex> item_;
  std::vector<float> weight_;
  std::vector<UnixSeconds> time_;
  std::vector<ItemIndex> in_order_;
};

}  // namespace zhiyin
