// Gated recurrent unit (Cho et al. 2014, the reset gate inside as in cuDNN), over the steps of sequences:
//
//   r = sigmoid(x W_r + h U_r + b_r)    z = sigmoid(x W_z + h U_z + b_z)
//   n = tanh(x W_n + b_n + r * (h U_n + c_n))
//   h <- (1 - z) n + z h                 from h = 0; a step that is not present leaves h as it is
//
// So with padding at either end the last step of each sequence holds its state after its last present one.
#pragma once

#include "base/nn/parameters.h"

namespace zhiyin::nn {

class Gru {
 public:
  struct Kept {
    Matrix x;
    Sequences shape;
    std::vector<Matrix> before;  // by step: h before it, batch x dim
    std::vector<Matrix> gates;   // by step: r, z, n side by side, batch x 3 dim
    std::vector<Matrix> inner;   // by step: h U_n + c_n, batch x dim
  };

  Gru(std::size_t inputs, std::size_t dim, Random& random);

  // Every state: (batch * time) x dim.
  Matrix forward(Matrix x, const Sequences& shape, Kept* keep = nullptr) const;
  Matrix backward(const Matrix& dy, const Kept& kept);
  void enumerate(const std::string& name, Parameters& all);

 private:
  std::size_t dim_;
  Parameter input_weight_;  // inputs x 3 dim: W_r, W_z, W_n side by side
  Parameter input_bias_;    // b_r, b_z, b_n
  Parameter state_weight_;  // dim x 3 dim: U_r, U_z, U_n
  Parameter state_bias_;    // 1 x 3 dim; its first two thirds only add to input_bias_'s
};

// The last step of each sequence, and the gradient put back there.
Matrix last_step(const Matrix& states, const Sequences& shape);
Matrix last_step_backward(const Matrix& dy, const Sequences& shape);

}  // namespace zhiyin::nn
