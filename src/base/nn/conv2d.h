// Convolution over height and width (3 x 3 and the like), zeros around the border so that a stride of 1 keeps the size.
#pragma once

#include "base/nn/parameters.h"

namespace zhiyin::nn {

class Conv2d {
 public:
  struct Kept {
    Matrix x;
    Grid grid;  // of x
  };

  // `kernel` is odd. The weights of one output: kernel x kernel x inputs, in this order.
  Conv2d(std::size_t kernel, std::size_t inputs, std::size_t outputs, std::size_t stride, Random& random)
      : kernel_(kernel),
        stride_(stride),
        weight_(random_weights_relu(kernel * kernel * inputs, outputs, random)),
        bias_(1, outputs) {
    assert(kernel % 2 == 1 && stride > 0);
  }

  // The grid of the output: extents divided by the stride, rounded up.
  [[nodiscard]] Grid output(const Grid& grid) const;

  Matrix forward(Matrix x, const Grid& grid, Kept* keep = nullptr) const;
  Matrix backward(const Matrix& dy, const Kept& kept);
  void enumerate(const std::string& name, Parameters& all);

 private:
  std::size_t kernel_;
  std::size_t stride_;
  Parameter weight_;  // (kernel * kernel * inputs) x outputs
  Parameter bias_;
};

}  // namespace zhiyin::nn
