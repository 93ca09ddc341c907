// An item-item matrix that is kept whole: row i is what item i of a history says of every item. items^2 floats.
//
// Immutable once built; thread-safe. Memory-mapped where it was loaded from a snapshot.
#pragma once

#include <vector>

#include "match/model.h"

namespace zhiyin {

class DenseWeights {
 public:
  DenseWeights() = default;
  // Row-major, items x items.
  DenseWeights(std::vector<float> weights, std::size_t items)
      : items_(items), weights_(Tensor::adopt<float>({items, items}, std::move(weights))) {}

  // Why a dense model of so many items is refused, by the model's name; nothing where it is not.
  static constexpr std::size_t kMaxItems = 30'000;
  static Result<void> check_size(std::string_view model, std::size_t items);

  [[nodiscard]] std::size_t items() const { return items_; }
  void score(const History& history, std::span<float> scores) const;
  [[nodiscard]] std::vector<Contribution> explain(const History& history, ItemIndex item) const;

  void save(Tensors& tensors) const { tensors.put("weights", weights_); }
  static Result<DenseWeights> load(const Tensors& tensors);

 private:
  std::size_t items_ = 0;
  Tensor weights_;
};

}  // namespace zhiyin
