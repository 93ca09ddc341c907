#include "base/nn/dense.h"

#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"

namespace zhiyin::nn {

Matrix affine(const Matrix& x, const Parameter& weight, const Parameter& bias) {
  const auto inputs = weight.value.rows();
  const auto outputs = weight.value.columns();
  assert(x.columns() == inputs);
  Matrix y(x.rows(), outputs);
  for (std::size_t r = 0; r < y.rows(); ++r) axpy(1, bias.value.data(), y.row(r).data(), outputs);
  gemm(Transpose::kNo, Transpose::kNo, x.rows(), outputs, inputs, 1, x.data(), weight.value.data(), 1, y.data());
  return y;
}

Matrix affine_backward(const Matrix& dy, const Matrix& x, Parameter& weight, Parameter& bias) {
  const auto inputs = weight.value.rows();
  const auto outputs = weight.value.columns();
  assert(dy.rows() == x.rows() && dy.columns() == outputs);
  gemm(Transpose::kYes, Transpose::kNo, inputs, outputs, x.rows(), 1, x.data(), dy.data(), 1, weight.gradient.data());
  for (std::size_t r = 0; r < dy.rows(); ++r) axpy(1, dy.row(r).data(), bias.gradient.data(), outputs);
  Matrix dx(x.rows(), inputs);
  gemm(Transpose::kNo, Transpose::kYes, x.rows(), inputs, outputs, 1, dy.data(), weight.value.data(), 0, dx.data());
  return dx;
}

Matrix Dense::forward(Matrix x, Kept* keep) const {
  auto y = affine(x, weight_, bias_);
  if (keep != nullptr) keep->x = std::move(x);
  return y;
}

Matrix Dense::backward(const Matrix& dy, const Kept& kept) { return affine_backward(dy, kept.x, weight_, bias_); }

void Dense::enumerate(const std::string& name, Parameters& all) {
  all.push_back({name + ".weight", &weight_});
  all.push_back({name + ".bias", &bias_});
}

}  // namespace zhiyin::nn
