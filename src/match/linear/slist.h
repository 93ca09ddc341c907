// SLIST: a linear model of what comes next, in closed form (Choi et al. 2021; its transition part, SLIT).
//
//   Cut every sequence at every step t. The past p_t holds the items before the cut, exp(-distance / past) each; the
//   future f_t those after it, exp(-distance / future) each; the nearest at distance 0.
//   B = argmin sum_t |f_t - p_t B|^2 + ridge |B|^2 = (sum p_t p_t' + ridge I)^-1 sum p_t f_t'
//   score = (history, decayed) B
//
// Dense, and n^3 to train like EASE; refused above DenseWeights::kMaxItems.
#pragma once

#include <array>

#include "match/linear/item_weights.h"
#include "match/linear/linear_model.h"

namespace zhiyin {

class Slist final : public LinearModel<ItemWeights> {
 public:
  static constexpr std::array<ParamRange, 4> kRanges = {
      {{"past", 1, 40, true, 10}, {"future", 0.5, 10, true, 2}, {"ridge", 10, 1000, true, 200}, recency_range(10)}};

  explicit Slist(const Params& params) : LinearModel("slist", params) {}
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
};

}  // namespace zhiyin
