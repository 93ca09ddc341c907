// What a net learns, and what every layer of this folder looks like:
//
//   struct Layer {
//     struct Kept { ... };                                        what backward needs of one forward pass
//     Matrix forward(const Matrix& x, Kept* keep = nullptr) const;  without `keep`: inference
//     Matrix backward(const Matrix& dy, const Kept& kept);          adds to the gradients, returns dL/dx
//     void enumerate(const std::string& name, Parameters& all);
//   };
//
// What a pass leaves behind is the caller's, not the layer's: so forward is const and thread-safe, and one layer can be
// applied several times in one step (two views of an item), each application with a Kept of its own. backward takes the
// gradient of the loss by the output, dy, in the shape of the output. Gradients add up until the optimiser takes them.
// Shapes that do not fit are bugs (assert). Everything is float32 and repeats bit by bit for a seed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/nn/matrix.h"
#include "base/random.h"
#include "base/result.h"
#include "base/tensors.h"

namespace zhiyin::nn {

struct Parameter {
  Parameter() = default;
  Parameter(std::size_t rows, std::size_t columns, float fill = 0)
      : value(rows, columns, fill), gradient(rows, columns) {}

  Matrix value;
  Matrix gradient;
  bool by_rows = false;                // a table: only rows in `touched` have a gradient, the others are not looked at
  std::vector<std::uint32_t> touched;  // with repetitions
};

struct NamedParameter {
  std::string name;  // "encoder.0.weight"
  Parameter* parameter;
};
using Parameters = std::vector<NamedParameter>;

// A matrix of random weights, uniform in +-sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010).
Parameter random_weights(std::size_t inputs, std::size_t outputs, Random& random);
// The same with a given number of inputs to each output: uniform in +-sqrt(6 / inputs) (He et al. 2015), for ReLU.
Parameter random_weights_relu(std::size_t inputs, std::size_t outputs, Random& random);

void clear_gradients(const Parameters& all);

// Values as float32 arrays under prefix + name. Loading checks names, shapes and that every value is finite.
void save(const Parameters& all, std::string_view prefix, Tensors& tensors);
Result<void> load(const Parameters& all, std::string_view prefix, const Tensors& tensors);

}  // namespace zhiyin::nn
