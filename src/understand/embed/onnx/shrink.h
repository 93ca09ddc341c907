// A smaller model that says what the whole one says: matrix products and tables in eight bits, other large constants in
// half precision (quantize.h), tried out before it is used.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "understand/embed/onnx/quantize.h"

namespace zhiyin {

struct ShrinkOptions {
  std::size_t least_values = 4096;  // of a matrix or table that goes to eight bits
  double least_cosine = 0.99;       // to the whole model's outputs: below it nothing is used
};

struct Shrunk {
  std::string bytes;
  double cosine = 0;
  Quantized in_eight_bits;
};

// How alike the outputs of the small model and the whole one are, over inputs that the caller chooses: the smallest
// cosine.
using Likeness = std::function<Result<double>(std::string_view small)>;

// The smallest version that is like enough. Processors differ: where sums of eight-bit products saturate (AVX2 without
// VNNI), weights of seven bits are tried, then products in float32 with all weights in half. kInvalid: a model that has
// nothing to shrink, or that becomes unlike in every form; the message has the cosine. Costs one likeness a form.
Result<Shrunk> shrink(OnnxModel whole, const ShrinkOptions& options, const Likeness& likeness);

// Of the rows of two sets of outputs, the smallest cosine. Rows of zeros on both sides are alike. NaN is unlike.
double least_cosine(const std::vector<float>& expected, const std::vector<float>& found, std::size_t dim);

}  // namespace zhiyin
