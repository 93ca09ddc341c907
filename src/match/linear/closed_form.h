// What linear models in closed form have in common: a Gram matrix of items, and the weights that predict each item from
// all others, never from itself (Steck 2019).
//
//   P = (Gram + ...)^-1,   B_ij = -P_ij / P_jj,  B_ii = 0
#pragma once

#include <string_view>
#include <vector>

#include "match/linear/item_weights.h"

namespace zhiyin {

// The lower triangle of X' diag(user_weight) X, row-major items x items.
std::vector<float> co_counts(const Interactions& by_user, std::span<const float> user_weight, int threads);

// B of a symmetric positive definite matrix, its lower triangle read; keep as ItemWeights. items^3 operations in place.
// Error kInvalid where it is not positive definite: `model`, and the setting that helps.
Result<ItemWeights> weights_without_self(std::vector<float> matrix, std::size_t items, std::size_t keep,
                                         std::string_view model, int threads);

}  // namespace zhiyin
