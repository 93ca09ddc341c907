// What is made small. Each gives the mean over the rows and its gradient by every input.
#pragma once

#include "base/nn/matrix.h"

namespace zhiyin::nn {

struct Loss {
  double value = 0;
  Matrix gradient;  // in the shape of the first argument
};

// -log softmax(logits)[target], one target a row. A logit of -infinity is no candidate: its gradient is 0.
Loss softmax_cross_entropy(const Matrix& logits, std::span<const std::uint32_t> targets);

// InfoNCE, symmetric (van den Oord et al. 2018; Radford et al. 2021): row i of `a` and row i of `b` are two views of
// one thing, the other rows of the batch are not. Rows should have unit length.
//   L = (CE(a b' / temperature, i) + CE(b a' / temperature, i)) / 2
struct PairLoss {
  double value = 0;
  Matrix gradient_a;
  Matrix gradient_b;
};
PairLoss info_nce(const Matrix& a, const Matrix& b, float temperature);

// Mean over rows of the squared distance. `weights`, if not empty, has one factor a row.
Loss squared_error(const Matrix& x, const Matrix& target, std::span<const float> weights = {});

// Mean over all numbers of softplus(s) - label s: the Bernoulli likelihood of labels in [0, 1].
Loss logistic(const Matrix& scores, const Matrix& labels);

}  // namespace zhiyin::nn
