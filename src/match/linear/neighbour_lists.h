// Who is near whom: for every item a short list of neighbours, kept turned round, so that a history's item knows the
// items that it speaks for.
//
//   score(j) = sum over the history's items i of weight_i S_ij
//
// Immutable once built; thread-safe.
#pragma once

#include <span>
#include <vector>

#include "base/bitmap.h"
#include "base/result.h"
#include "match/model.h"

namespace zhiyin {

struct Neighbour {
  ItemIndex item;
  float similarity;
};

// The `keep` most alike, best first, the lower item first among equals.
void keep_nearest(std::vector<Neighbour>& found, std::size_t keep);

class NeighbourLists {
 public:
  NeighbourLists() = default;
  // of_target[j]: the items i with S_ij.
  explicit NeighbourLists(const std::vector<std::vector<Neighbour>>& of_target);

  // The items j with S_ij, by the history's item i.
  [[nodiscard]] std::vector<std::vector<Neighbour>> by_history() const;

  // What they say of the items `targets` alone, which are numbered by their place there: its score() takes as many.
  [[nodiscard]] NeighbourLists of_some(const Ranks& targets) const;

  [[nodiscard]] std::size_t items() const { return offsets_.empty() ? 0 : offsets_.size() - 1; }
  void score(const History& history, std::span<float> scores) const;
  // Exact shares, largest first; items of the history that say nothing of this one are left out.
  [[nodiscard]] std::vector<Contribution> explain(const History& history, ItemIndex item) const;

  void save(Tensors& tensors) const;  // as offsets, targets, similarity
  static Result<NeighbourLists> load(const Tensors& tensors);

 private:
  // Compressed rows by the history's item i: the items j that have i among their neighbours, ascending, with S_ij.
  std::vector<std::int64_t> offsets_;
  std::vector<ItemIndex> targets_;
  std::vector<float> similarity_;
};

}  // namespace zhiyin
