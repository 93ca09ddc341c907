// What everybody touches, for those of whom nothing is known: models that score from a history alone would answer an
// empty one with zeros.
//
//   score(i) = 255 log(1 + n_i) / log(1 + max n),  n_i the users who touched i, to the nearest whole number
//
// A byte an item, so that it costs a snapshot nothing that is worth packing. Up to some forty users every count has a
// step of its own; beyond that, counts less than log(1 + max n) / 255 apart (2.5% on MovieLens 100K) are taken for
// equal, which is less than they differ by chance. 0 only where nobody touched the item.
//
// What share of all users touched an item follows from its level, the largest count and how many users there are.
//
// Immutable once counted; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/tensors.h"
#include "domain/interactions.h"

namespace zhiyin {

class Popularity {
 public:
  Popularity() = default;  // nothing is known: zeros
  static Popularity of(const Interactions& interactions);

  // What came since then nobody is known to have touched: levels are of the moment when they were counted.
  void add_items(std::size_t items);

  // scores has one place an item.
  void score(std::span<float> scores) const;

  // scores[i] += weight (the share of users with an event who touched i). Nothing in snapshots of before it was kept.
  void add_share(float weight, std::span<float> scores) const;
  [[nodiscard]] float share(ItemIndex item) const;
  [[nodiscard]] float highest_share() const { return shares_.empty() ? 0 : shares_.back(); }

  void save(Tensors& tensors) const;  // as popularity and popularity_of
  // Snapshots of before it was kept have none: nothing is known then. Error kCorrupt: of another number of items.
  static Result<Popularity> load(const Tensors& tensors, std::size_t items);

 private:
  void set_shares(float most, float users);

  std::vector<std::uint8_t> levels_;  // by item, or empty
  float most_ = 0;                    // users of the item that most touched
  float users_ = 0;                   // with an event; 0: not known
  std::vector<float> shares_;         // by level, or empty
};

}  // namespace zhiyin
