#include "match/ease.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"
#include "base/threads.h"

namespace zhiyin {
namespace {

// The lower triangle of X'X, items x items, from sparse rows.
std::vector<float> co_counts(const Interactions& by_user, int threads) {
  const std::size_t items = by_user.items();
  const auto by_item = by_user.transposed();
  std::vector<float> gram(items * items, 0);
  parallel_for(items, 32, threads, [&](std::size_t begin, std::size_t end, int) {
    for (auto item = begin; item < end; ++item) {
      auto* row = gram.data() + item * items;
      for (const auto user : by_item.row(static_cast<ItemIndex>(item))) {
        for (const auto other : by_user.row(user)) {
          if (other > item) break;
          row[other] += 1;
        }
      }
    }
  });
  return gram;
}

}  // namespace

Result<void> Ease::train(const TrainingData& data, const TrainContext& context) {
  items_ = data.interactions.items();
  if (data.interactions.size() == 0) return invalid("nobody has touched anything yet");
  if (items_ > kMaxItems) {
    return invalid(fmt::format(
        "ease holds a dense matrix of items x items; {} items would take {:.0f} GB. Up to {} are allowed: use ials",
        items_, 4e-9 * static_cast<double>(items_) * static_cast<double>(items_), kMaxItems));
  }
  const double lambda = params_["lambda"];
  const double dropout = std::min(params_["dropout"], 0.99);
  auto matrix = co_counts(data.interactions, context.threads);
  for (std::size_t i = 0; i < items_; ++i) {
    auto& diagonal = matrix[i * items_ + i];
    diagonal += static_cast<float>(lambda + dropout / (1 - dropout) * diagonal + 1e-6);
  }
  ZY_CHECK_OK(invert_spd(items_, matrix.data(), context.threads).in("ease: raise lambda"));
  std::vector<float> scale(items_);
  for (std::size_t j = 0; j < items_; ++j) scale[j] = -1 / matrix[j * items_ + j];
  for (std::size_t i = 0; i < items_; ++i) {
    for (std::size_t j = 0; j < items_; ++j) matrix[i * items_ + j] *= scale[j];
    matrix[i * items_ + i] = 0;
  }
  weights_ = Tensor::adopt<float>({items_, items_}, std::move(matrix));
  return {};
}

void Ease::score(const History& history, std::span<float> scores) const {
  std::ranges::fill(scores, 0.0F);
  const auto weights = weights_.as<float>();
  for (std::size_t h = 0; h < history.items.size(); ++h) {
    axpy(history.weights[h], weights.data() + history.items[h] * items_, scores.data(), items_);
  }
}

std::vector<Contribution> Ease::explain(const History& history, ItemIndex item) const {
  std::vector<Contribution> shares;
  const auto weights = weights_.as<float>();
  for (std::size_t h = 0; h < history.items.size(); ++h) {
    shares.push_back({history.items[h], history.weights[h] * weights[history.items[h] * items_ + item]});
  }
  std::ranges::stable_sort(shares, std::greater{}, &Contribution::share);
  return shares;
}

void Ease::save(Tensors& tensors) const { tensors.put("weights", weights_); }

Result<void> Ease::load(const Tensors& tensors) {
  ZY_TRY(weights_, tensors.get("weights", DType::kF32, std::array<std::size_t, 2>{0, 0}));
  items_ = weights_.shape()[0];
  if (weights_.shape()[1] != items_) return corrupt("weights are not square");
  return {};
}

}  // namespace zhiyin
