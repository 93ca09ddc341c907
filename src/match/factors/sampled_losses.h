// Losses over one wanted item and some that are not, for models that score by u.q. Each gives the mean over the rows
// and its gradients; the softmax among them is base/nn/sampled_softmax.h.
#pragma once

#include "base/nn/matrix.h"

namespace zhiyin {

// Of one row, by its scores: the loss, with the gradient by `own` returned in own_slope and that by each of `others`
// in its place.
//   bpr        mean_j softplus(s_j - s)                 Rendle et al. 2009
//   logistic   softplus(-s) + sum_j softplus(s_j)       Johnson 2014, by negative sampling
double bpr_loss(float own, std::span<float> others, float& own_slope);
double logistic_loss(float own, std::span<float> others, float& own_slope);

using RowLoss = double (*)(float own, std::span<float> others, float& own_slope);

struct SampledLoss {
  double value = 0;
  nn::Matrix by_states;  // as states
  nn::Matrix by_own;     // as own
  nn::Matrix by_others;  // as others
};

// states and own: one row each; others: `count` consecutive rows for each of them.
SampledLoss sampled_loss(RowLoss loss, const nn::Matrix& states, const nn::Matrix& own, const nn::Matrix& others,
                         std::size_t count);

}  // namespace zhiyin
