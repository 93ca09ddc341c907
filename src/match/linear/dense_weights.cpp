#include "match/linear/dense_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/kernels/vectors.h"

namespace zhiyin {

Result<void> DenseWeights::check_size(std::string_view model, std::size_t items) {
  if (items <= kMaxItems) return {};
  return invalid(fmt::format(
      "{} holds a dense matrix of items x items; {} items would take {:.0f} GB. Up to {} are allowed: use ials", model,
      items, 4e-9 * static_cast<double>(items) * static_cast<double>(items), kMaxItems));
}

void DenseWeights::score(const History& history, std::span<float> scores) const {
  std::ranges::fill(scores, 0.0F);
  const auto weights = weights_.as<float>();
  for (std::size_t h = 0; h < history.items.size(); ++h) {
    axpy(history.weights[h], weights.data() + history.items[h] * items_, scores.data(), items_);
  }
}

std::vector<Contribution> DenseWeights::explain(const History& history, ItemIndex item) const {
  std::vector<Contribution> shares;
  const auto weights = weights_.as<float>();
  for (std::size_t h = 0; h < history.items.size(); ++h) {
    shares.push_back({history.items[h], history.weights[h] * weights[history.items[h] * items_ + item]});
  }
  std::ranges::stable_sort(shares, std::greater{}, &Contribution::share);
  return shares;
}

Result<DenseWeights> DenseWeights::load(const Tensors& tensors) {
  DenseWeights dense;
  ZY_TRY(dense.weights_, tensors.get("weights", DType::kF32, std::array<std::size_t, 2>{0, 0}));
  dense.items_ = dense.weights_.shape()[0];
  if (dense.weights_.shape()[1] != dense.items_) return corrupt("weights are not square");
  return dense;
}

}  // namespace zhiyin
