#include "match/linear/itemknn.h"

#include <algorithm>
#include <cmath>

namespace zhiyin {
namespace {

// BM25's weight of a term that a document has once, squared, by the document's length: what a user adds to G.
std::vector<float> bm25_weights(std::span<const std::uint32_t> lengths, double mean_length) {
  constexpr double kSaturation = 1.2;    // k1
  constexpr double kLengthShare = 0.75;  // b
  std::vector<float> weights(lengths.size());
  std::ranges::transform(lengths, weights.begin(), [&](std::uint32_t length) {
    const double relative = 1 - kLengthShare + kLengthShare * length / mean_length;
    const double term = (kSaturation + 1) / (1 + kSaturation * relative);
    return static_cast<float>(term * term);
  });
  return weights;
}

}  // namespace

Result<void> ItemKnn::train(const TrainingData& data, const TrainContext& context) {
  const auto& by_user = data.interactions;
  if (by_user.size() == 0) return invalid("nobody has touched anything yet: there are no neighbours to find");
  const auto lengths = user_counts(by_user);
  CoOccurrence how{.shrink = params_["shrink"], .neighbours = static_cast<std::size_t>(params_["neighbours"])};
  if (params_["bm25"] >= 0.5) {
    how.user_weight = bm25_weights(lengths, static_cast<double>(by_user.size()) / static_cast<double>(lengths.size()));
    std::vector<double> squares(by_user.items(), 0);
    for (UserIndex user = 0; user < by_user.users(); ++user) {
      for (const auto item : by_user.row(user)) squares[item] += how.user_weight[user];
    }
    for (auto& square : squares) square = std::sqrt(square);
    how.history_norm = squares;
    how.target_norm = std::move(squares);
  } else {
    how.user_weight = dampened(lengths, params_["user_power"]);
    for (const auto count : by_user.item_counts()) {
      how.history_norm.push_back(std::pow(count, params_["history_power"]));
      how.target_norm.push_back(std::pow(count, params_["target_power"]));
    }
  }
  weights_ = nearest_together(by_user, how, context.threads);
  popularity_ = Popularity::of(data.interactions);
  return {};
}

}  // namespace zhiyin
