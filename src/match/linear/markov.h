// Markov: what came after what, counted over the last few steps of every sequence.
//
//   C_ij = sum over users, i at step a, j at step b: decay^(b - a - 1) where a < b <= a + window,
//          and `backward` times as much where j came before i
//   S_ij = C_ij / (n_i^history_power n_j^target_power),  the `neighbours` largest kept per item j
//   score(j) = sum over the history's items i of exp(-age_i / recency) S_ij
//
// With backward 1 it is co-occurrence that fades with distance, with backward 0 a chain.
#pragma once

#include <array>

#include "match/linear/linear_model.h"
#include "match/linear/neighbour_lists.h"

namespace zhiyin {

class Markov final : public LinearModel<NeighbourLists> {
 public:
  static constexpr std::array<ParamRange, 7> kRanges = {{{"window", 1, 60, true, 20},
                                                         {"decay", 0.5, 1, false, 0.9},
                                                         {"backward", 0, 1, false, 0.5},
                                                         {"history_power", 0, 1, false, 0.5},
                                                         {"target_power", 0, 1, false, 0.5},
                                                         {"neighbours", 50, 1000, true, 500},
                                                         recency_range(5)}};

  explicit Markov(const Params& params) : LinearModel("markov", params) {}
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
};

}  // namespace zhiyin
