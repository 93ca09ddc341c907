// Smaller, faster models: the matrix products of an ONNX model in eight-bit integers, its tables of embeddings too, and
// what is left in half precision.
//
// Dynamic quantisation needs no examples to calibrate on: weights are rounded once, activations at every run.
//
//   W[i, j] = s_w[j] Q[i, j],           s_w[j] = max_i |W[i, j]| / top level,   Q in -top level .. top level
//   x[r, i] = s_x[r] q[r, i] + m[r],    m[r] = min_i x[r, i],  s_x[r] = (max_i x[r, i] - m[r]) / 255,  q in 0 .. 255
//   (x W)[r, j] = s_x[r] s_w[j] (q Q)[r, j] + m[r] sum_i W[i, j]
//
// The product q Q is MatMulInteger, the rest a few cheap nodes. An input that several products share is rounded once. A
// table that rows are gathered from has one scale a row, applied after the gather.
//
// What it costs is measured, not promised: compare outputs before using the result (conversions.cpp does).
// Convolutions stay as they are, but those of one pixel can first be written as the matrix products they are.
// Functions change the model in place and are thread-safe on different models.
#pragma once

#include <cstddef>

#include "understand/embed/onnx/onnx_writer.h"

namespace zhiyin {

// kByRow: as above; what a row gives does not depend on what else is in the run.
// kWhole: one scale and zero point for all of x (DynamicQuantizeLinear): a fifth faster, because ONNX Runtime runs it
//         as one kernel with the product, but one large number costs every row its accuracy, and a batch changes its
//         members.
enum class Activations { kByRow, kWhole };

struct QuantizeOptions {
  Activations activations = Activations::kByRow;
  bool products = true;             // MatMul by a constant matrix, Gemm with alpha = beta = 1 and an untransposed input
  bool tables = true;               // Gather of rows from a constant matrix
  std::size_t least_values = 4096;  // smaller constants are not worth the rounding
  // The largest level of a weight. 63 keeps the sums of two products inside 16 bits, for processors whose eight-bit
  // instructions saturate there (AVX2 without VNNI).
  int top_level = 127;
};

struct Quantized {
  std::size_t products = 0;  // nodes rewritten
  std::size_t tables = 0;
  std::size_t weights = 0;  // in them, each matrix counted once
};

// A model of an opset before 10 (11 for kWhole) is left alone: it has no products of integers (raise_to_opset_10).
Quantized quantize(OnnxModel& model, const QuantizeOptions& options = {});

// Constants of float32 stored in half precision and widened when the model is loaded: half the size, about 3 digits.
// Those of fewer values stay. Returns how many were halved; one with a number beyond the range of halves stays.
std::size_t store_in_half(OnnxModel& model, std::size_t least_values = 4096);

// Transpose(to NCHW) -> Conv of 1 x 1, stride 1, one group, constant kernel -> Transpose(to NHWC) becomes MatMul (and
// Add of the bias): the converter from TensorFlow makes such triples. Returns how many it found. Worth it before
// quantize() for transformers; for vision models the convolution kernels are faster.
std::size_t pointwise_convolutions_to_products(OnnxModel& model);

}  // namespace zhiyin
