#include "match/content/hybrid.h"

#include <algorithm>
#include <cmath>

#include "base/kernels/linalg.h"
#include "match/content/whitening.h"
#include "match/linear/closed_form.h"

namespace zhiyin {

Result<void> Hybrid::train(const TrainingData& data, const TrainContext& context) {
  const auto& by_user = data.interactions;
  const auto items = by_user.items();
  if (by_user.size() == 0) return invalid("nobody has touched anything yet: content_knn needs nobody");
  ZY_CHECK_OK(DenseWeights::check_size("hybrid", items));
  ZY_TRY(auto content, whitened(data.features, items, &ModalityBlock::neighbours, context.threads));
  std::vector<float> user_weight(by_user.users());
  for (UserIndex user = 0; user < by_user.users(); ++user) {
    const auto count = static_cast<double>(std::max<std::size_t>(1, by_user.row(user).size()));
    user_weight[user] = static_cast<float>(std::min(1.0, params_["user_cap"] / count));
  }
  auto matrix = co_counts(by_user, user_weight, context.threads);
  const auto root = static_cast<float>(std::sqrt(params_["content"]));
  for (auto& value : content) value *= root;
  half_product(Transpose::kNo, items, data.features->dim, content.data(), 1, matrix.data());
  for (std::size_t i = 0; i < items; ++i) matrix[i * items + i] += static_cast<float>(params_["lambda"] + 1e-3);
  ZY_TRY(weights_, weights_without_self(std::move(matrix), items, static_cast<std::size_t>(params_["keep"]), "hybrid",
                                        context.threads));
  popularity_ = Popularity::of(data.interactions);
  return {};
}

}  // namespace zhiyin
