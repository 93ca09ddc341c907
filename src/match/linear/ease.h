// EASE: a linear item-item model in closed form (Steck 2019), with the dropout term of EDLAE (Steck 2020).
//
//   P = (X'X + diag(lambda + dropout / (1 - dropout) diag(X'X)))^-1,   B_ij = -P_ij / P_jj,  B_ii = 0
//   score = x B
//
// Dense: items^2 floats, and items^3 operations to train; refused above DenseWeights::kMaxItems.
#pragma once

#include <array>

#include "match/linear/dense_weights.h"
#include "match/linear/linear_model.h"

namespace zhiyin {

class Ease final : public LinearModel<DenseWeights> {
 public:
  static constexpr std::array<ParamRange, 3> kRanges = {
      {{"lambda", 5, 2000, true, 200}, {"dropout", 0, 0.6, false, 0.25}, recency_range(0)}};

  explicit Ease(const Params& params) : LinearModel("ease", params) {}
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
};

}  // namespace zhiyin
