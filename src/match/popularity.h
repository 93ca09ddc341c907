// What everybody touches, for those of whom nothing is known: models that score from a history alone would answer an
// empty one with zeros.
//
//   score(i) = 255 log(1 + n_i) / log(1 + max n),  n_i the users who touched i, to the nearest whole number
//
// A byte an item, so that it costs a snapshot nothing that is worth packing. Up to some forty users every count has a
// step of its own; beyond that, counts less than log(1 + max n) / 255 apart (2.5% on MovieLens 100K) are taken for
// equal, which is less than they differ by chance. 0 only where nobody touched the item.
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

  void save(Tensors& tensors) const;  // as popularity
  // Snapshots of before it was kept have none: nothing is known then. Error kCorrupt: of another number of items.
  static Result<Popularity> load(const Tensors& tensors, std::size_t items);

 private:
  std::vector<std::uint8_t> levels_;  // by item, or empty
};

}  // namespace zhiyin
