#include "match/linear/ease.h"

#include <algorithm>

#include "match/linear/closed_form.h"

namespace zhiyin {

Result<void> Ease::train(const TrainingData& data, const TrainContext& context) {
  const auto items = data.interactions.items();
  if (data.interactions.size() == 0) return invalid("nobody has touched anything yet");
  ZY_CHECK_OK(DenseWeights::check_size("ease", items));
  const double lambda = params_["lambda"];
  const double dropout = std::min(params_["dropout"], 0.99);
  auto matrix = co_counts(data.interactions, std::vector<float>(data.interactions.users(), 1), context.threads);
  for (std::size_t i = 0; i < items; ++i) {
    auto& diagonal = matrix[i * items + i];
    diagonal += static_cast<float>(lambda + dropout / (1 - dropout) * diagonal + 1e-6);
  }
  ZY_TRY(weights_, weights_without_self(std::move(matrix), items, static_cast<std::size_t>(params_["keep"]), "ease",
                                        context.threads));
  popularity_ = Popularity::of(data.interactions);
  return {};
}

}  // namespace zhiyin
