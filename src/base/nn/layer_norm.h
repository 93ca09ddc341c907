// y = (x - mean) / deviation * gain + bias, mean and deviation of each row (Ba, Kiros and Hinton 2016).
#pragma once

#include "base/nn/parameters.h"

namespace zhiyin::nn {

class LayerNorm {
 public:
  struct Kept {
    Matrix normal;                         // (x - mean) / deviation
    std::vector<float> inverse_deviation;  // one a row
  };

  explicit LayerNorm(std::size_t dim) : gain_(1, dim, 1), bias_(1, dim) {}

  Matrix forward(Matrix x, Kept* keep = nullptr) const;
  Matrix backward(const Matrix& dy, const Kept& kept);
  void enumerate(const std::string& name, Parameters& all);

 private:
  Parameter gain_;
  Parameter bias_;
};

}  // namespace zhiyin::nn
