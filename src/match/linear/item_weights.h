// An item-item matrix that is kept whole, or pruned to what matters of each column.
//
// Pruning keeps, of column j, the `keep` weights that are largest by magnitude (Steck 2019, sparse approximation): what
// a history says of an item comes from few items. 8 bytes a weight kept, in place of 4 for each of all.
//
// Immutable once built; thread-safe.
#pragma once

#include <variant>

#include "match/linear/dense_weights.h"
#include "match/linear/neighbour_lists.h"

namespace zhiyin {

// The `keep` largest weights by magnitude of each column of a row-major matrix, items x items; zeros are not kept.
NeighbourLists pruned(std::span<const float> weights, std::size_t items, std::size_t keep, int threads = 1);

class ItemWeights {
 public:
  ItemWeights() = default;
  // Row-major, items x items. keep 0: all.
  ItemWeights(std::vector<float> weights, std::size_t items, std::size_t keep, int threads);

  [[nodiscard]] std::size_t items() const {
    return std::visit([](const auto& matrix) { return matrix.items(); }, matrix_);
  }
  void score(const History& history, std::span<float> scores) const {
    std::visit([&](const auto& matrix) { matrix.score(history, scores); }, matrix_);
  }
  [[nodiscard]] std::vector<Contribution> explain(const History& history, ItemIndex item) const {
    return std::visit([&](const auto& matrix) { return matrix.explain(history, item); }, matrix_);
  }
  void save(Tensors& tensors) const {
    std::visit([&](const auto& matrix) { matrix.save(tensors); }, matrix_);
  }
  // Either form, by the arrays that are there.
  static Result<ItemWeights> load(const Tensors& tensors);

 private:
  std::variant<DenseWeights, NeighbourLists> matrix_;
};

}  // namespace zhiyin
