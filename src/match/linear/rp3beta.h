// RP3beta: a walk of three steps over the graph of users and items, popular ends held back (Paudel et al. 2017).
//
//   S_ij = sum over users who touched both of n_i^-alpha n_u^-alpha / n_j^beta,  the `neighbours` largest kept
//   per item j
#pragma once

#include <array>

#include "match/linear/co_occurrence.h"
#include "match/linear/linear_model.h"

namespace zhiyin {

class Rp3Beta final : public LinearModel<NeighbourLists> {
 public:
  static constexpr std::array<ParamRange, 4> kRanges = {{{"neighbours", 20, 500, true, 150},
                                                         {"alpha", 0.3, 1.6, false, 1},
                                                         {"beta", 0, 1, false, 0.4},
                                                         recency_range(0)}};

  explicit Rp3Beta(const Params& params) : LinearModel("rp3beta", params) {}
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
};

}  // namespace zhiyin
