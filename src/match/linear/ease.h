// EASE: a linear item-item model in closed form (Steck 2019), with the dropout term of EDLAE (Steck 2020).
//
//   P = (X'X + diag(lambda + dropout / (1 - dropout) diag(X'X)))^-1,   B_ij = -P_ij / P_jj,  B_ii = 0
//   score = x B, and for a short history what everybody likes besides (match/leaning.h; lean chosen as that of ials)
//
// Dense: items^2 floats, and items^3 operations to train; refused above DenseWeights::kMaxItems. `keep` above 0 prunes
// what is kept of it to so many weights a column (match/linear/item_weights.h).
//
// T1 (ML-100K, 1,447 items; test figures, to know the cost, not to choose by):
//
//   keep             0      400     200     100     50      20
//   bytes            8.4 M  4.6 M   2.3 M   1.2 M   .59 M   .24 M
//   min_recall@20    .398   .401    .398    .397    .391    .386
//   ndcg@100         .457   .456    .454    .450    .445    .431
#pragma once

#include <array>

#include "match/linear/item_weights.h"
#include "match/linear/linear_model.h"

namespace zhiyin {

class Ease final : public LinearModel<ItemWeights> {
 public:
  static constexpr std::array<ParamRange, 4> kRanges = {
      {{"lambda", 5, 2000, true, 200}, {"dropout", 0, 0.6, false, 0.25}, recency_range(0), lean_range(0.15)}};

  static constexpr std::array<ParamRange, 5> kSettings = {
      {kRanges[0], kRanges[1], kRanges[2], kRanges[3], {"keep", 0, 1000, false, 0}}};
  static std::span<const ParamRange> settings() { return kSettings; }

  explicit Ease(const Params& params) : LinearModel("ease", params) {}
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
};

}  // namespace zhiyin
