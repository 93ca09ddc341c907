#include "match/linear/closed_form.h"

#include "base/kernels/linalg.h"
#include "base/threads.h"

namespace zhiyin {

std::vector<float> co_counts(const Interactions& by_user, std::span<const float> user_weight, int threads) {
  const std::size_t items = by_user.items();
  const auto by_item = by_user.transposed();
  std::vector<float> gram(items * items, 0);
  parallel_for(items, 32, threads, [&](std::size_t begin, std::size_t end, int) {
    for (auto item = begin; item < end; ++item) {
      auto* row = gram.data() + item * items;
      for (const auto user : by_item.row(static_cast<ItemIndex>(item))) {
        for (const auto other : by_user.row(user)) {
          if (other > item) break;
          row[other] += user_weight[user];
        }
      }
    }
  });
  return gram;
}

Result<ItemWeights> weights_without_self(std::vector<float> matrix, std::size_t items, std::size_t keep,
                                         std::string_view model, int threads) {
  ZY_CHECK_OK(invert_spd(items, matrix.data(), threads).in(std::string(model) + ": raise lambda"));
  std::vector<float> scale(items);
  for (std::size_t j = 0; j < items; ++j) scale[j] = -1 / matrix[j * items + j];
  for (std::size_t i = 0; i < items; ++i) {
    for (std::size_t j = 0; j < items; ++j) matrix[i * items + j] *= scale[j];
    matrix[i * items + i] = 0;
  }
  return ItemWeights(std::move(matrix), items, keep, threads);
}

}  // namespace zhiyin
