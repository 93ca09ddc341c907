#include "match/linear/ease.h"

#include <algorithm>

#include "base/kernels/linalg.h"
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
  const auto items = data.interactions.items();
  if (data.interactions.size() == 0) return invalid("nobody has touched anything yet");
  ZY_CHECK_OK(DenseWeights::check_size("ease", items));
  const double lambda = params_["lambda"];
  const double dropout = std::min(params_["dropout"], 0.99);
  auto matrix = co_counts(data.interactions, context.threads);
  for (std::size_t i = 0; i < items; ++i) {
    auto& diagonal = matrix[i * items + i];
    diagonal += static_cast<float>(lambda + dropout / (1 - dropout) * diagonal + 1e-6);
  }
  ZY_CHECK_OK(invert_spd(items, matrix.data(), context.threads).in("ease: raise lambda"));
  std::vector<float> scale(items);
  for (std::size_t j = 0; j < items; ++j) scale[j] = -1 / matrix[j * items + j];
  for (std::size_t i = 0; i < items; ++i) {
    for (std::size_t j = 0; j < items; ++j) matrix[i * items + j] *= scale[j];
    matrix[i * items + i] = 0;
  }
  weights_ = ItemWeights(std::move(matrix), items, static_cast<std::size_t>(params_["keep"]), context.threads);
  return {};
}

}  // namespace zhiyin
