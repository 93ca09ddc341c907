#include "match/linear/rp3beta.h"

#include <cmath>

namespace zhiyin {

Result<void> Rp3Beta::train(const TrainingData& data, const TrainContext& context) {
  const auto& by_user = data.interactions;
  if (by_user.size() == 0) return invalid("nobody has touched anything yet: there is no graph to walk");
  CoOccurrence how{.user_weight = dampened(user_counts(by_user), params_["alpha"]),
                   .neighbours = static_cast<std::size_t>(params_["neighbours"]),
                   .by_history = true,
                   .share = params_["share"] >= 0.5};
  for (const auto count : by_user.item_counts()) {
    how.history_norm.push_back(std::pow(count, params_["alpha"]));
    how.target_norm.push_back(std::pow(count, params_["beta"]));
  }
  weights_ = nearest_together(by_user, how, context.threads);
  popularity_ = Popularity::of(data.interactions);
  return {};
}

}  // namespace zhiyin
