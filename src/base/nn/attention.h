// Multi-head self-attention (Vaswani et al. 2017) over the steps of each sequence:
//
//   y_t = concat over heads of sum_s a_ts v_s, then W_o      a_t = softmax over the steps s present of
//                                                            q_t.k_s / sqrt(dim / heads)
//
// Steps that are not present are seen by none; what comes out of their own rows is of no use. A sequence without any
// present step gives zeros before W_o. In causal mode a step sees itself and those before it.
#pragma once

#include "base/nn/dense.h"

namespace zhiyin::nn {

enum class Sight { kAll, kCausal };

class Attention {
 public:
  struct Kept {
    Sequences shape;
    Dense::Kept in;
    Dense::Kept out;
    Matrix qkv;
    Matrix weights;  // a: (batch * heads * time) x time
  };

  // dim must be a multiple of heads.
  Attention(std::size_t dim, std::size_t heads, Sight sight, Random& random)
      : dim_(dim), heads_(heads), sight_(sight), in_(dim, 3 * dim, random), out_(dim, dim, random) {
    assert(dim % heads == 0);
  }

  Matrix forward(Matrix x, const Sequences& shape, Kept* keep = nullptr) const;
  Matrix backward(const Matrix& dy, const Kept& kept);
  void enumerate(const std::string& name, Parameters& all);

 private:
  [[nodiscard]] bool sees(const Sequences& shape, std::size_t b, std::size_t t, std::size_t s) const {
    return shape.has(b, s) && (sight_ == Sight::kAll || s <= t);
  }

  std::size_t dim_;
  std::size_t heads_;
  Sight sight_;
  Dense in_;  // q, k, v side by side, each head's part of them in turn
  Dense out_;
};

}  // namespace zhiyin::nn
