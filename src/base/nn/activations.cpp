#include "base/nn/activations.h"

#include <cmath>
#include <numbers>

#include "base/kernels/vectors.h"

namespace zhiyin::nn {
namespace {

constexpr float kLeastLength = 1e-12F;

template <typename F>
Matrix each(Matrix x, F f) {
  for (auto& value : x.values()) value = f(value);
  return x;
}

// dy times f of the number in the same place.
template <typename F>
Matrix chain(Matrix dy, const Matrix& at, F slope) {
  assert(dy.size() == at.size());
  for (std::size_t i = 0; i < dy.size(); ++i) dy.values()[i] *= slope(at.values()[i]);
  return dy;
}

constexpr float kGeluScale = static_cast<float>(std::numbers::sqrt2 * std::numbers::inv_sqrtpi);  // sqrt(2 / pi)
constexpr float kGeluCube = 0.044715F;
float gelu_tanh(float x) { return std::tanh(kGeluScale * (x + kGeluCube * x * x * x)); }

}  // namespace

Matrix relu(Matrix x) {
  return each(std::move(x), [](float v) { return v > 0 ? v : 0; });
}
Matrix relu_backward(Matrix dy, const Matrix& y) {
  return chain(std::move(dy), y, [](float v) { return v > 0 ? 1.0F : 0.0F; });
}

Matrix gelu(Matrix x) {
  return each(std::move(x), [](float v) { return 0.5F * v * (1 + gelu_tanh(v)); });
}
Matrix gelu_backward(Matrix dy, const Matrix& x) {
  return chain(std::move(dy), x, [](float v) {
    const float t = gelu_tanh(v);
    return 0.5F * (1 + t) + 0.5F * v * (1 - t * t) * kGeluScale * (1 + 3 * kGeluCube * v * v);
  });
}

Matrix sigmoid(Matrix x) {
  return each(std::move(x), [](float v) { return 1 / (1 + std::exp(-v)); });
}
Matrix sigmoid_backward(Matrix dy, const Matrix& y) {
  return chain(std::move(dy), y, [](float v) { return v * (1 - v); });
}

Matrix tanh(Matrix x) {
  return each(std::move(x), [](float v) { return std::tanh(v); });
}
Matrix tanh_backward(Matrix dy, const Matrix& y) {
  return chain(std::move(dy), y, [](float v) { return 1 - v * v; });
}

Matrix unit_rows(Matrix x) {
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const float length = std::sqrt(dot(x.row(r), x.row(r)));
    if (length < kLeastLength) continue;
    for (auto& value : x.row(r)) value /= length;
  }
  return x;
}

// d(x/|x|) = (dx - y (y.dx)) / |x|, which is its own transpose.
Matrix unit_rows_backward(Matrix dy, const Matrix& x, const Matrix& y) {
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const float length = std::sqrt(dot(x.row(r), x.row(r)));
    if (length < kLeastLength) continue;
    const auto out = dy.row(r);
    axpy(-dot(out, y.row(r)), y.row(r).data(), out.data(), out.size());
    for (auto& value : out) value /= length;
  }
  return dy;
}

Matrix dropout(Matrix x, float rate, Random& random, Matrix& mask) {
  mask = Matrix(x.rows(), x.columns());
  for (auto& factor : mask.values()) factor = random.uniform() < rate ? 0 : 1 / (1 - rate);
  return dropout_backward(std::move(x), mask);
}
Matrix dropout_backward(Matrix dy, const Matrix& mask) {
  return chain(std::move(dy), mask, [](float factor) { return factor; });
}

}  // namespace zhiyin::nn
