// y = x W + b, row by row.
#pragma once

#include "base/nn/parameters.h"

namespace zhiyin::nn {

class Dense {
 public:
  struct Kept {
    Matrix x;
  };

  Dense(std::size_t inputs, std::size_t outputs, Random& random)
      : weight_(random_weights(inputs, outputs, random)), bias_(1, outputs) {}

  Matrix forward(Matrix x, Kept* keep = nullptr) const;
  Matrix backward(const Matrix& dy, const Kept& kept);
  void enumerate(const std::string& name, Parameters& all);

  [[nodiscard]] std::size_t outputs() const { return weight_.value.columns(); }

 private:
  Parameter weight_;  // inputs x outputs
  Parameter bias_;
};

// The same arithmetic for layers that hold their weights otherwise: y = x W + b, and its gradients
// (dW += x' dy, db += column sums of dy; returns dy W').
Matrix affine(const Matrix& x, const Parameter& weight, const Parameter& bias);
Matrix affine_backward(const Matrix& dy, const Matrix& x, Parameter& weight, Parameter& bias);

}  // namespace zhiyin::nn
