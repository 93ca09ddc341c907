#include "base/nn/losses.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/kernels/linalg.h"

namespace zhiyin::nn {
namespace {

Matrix transposed(const Matrix& x) {
  Matrix y(x.columns(), x.rows());
  for (std::size_t r = 0; r < x.rows(); ++r) {
    for (std::size_t c = 0; c < x.columns(); ++c) y.row(c)[r] = x.row(r)[c];
  }
  return y;
}

}  // namespace

Loss softmax_cross_entropy(const Matrix& logits, std::span<const std::uint32_t> targets) {
  assert(targets.size() == logits.rows());
  Loss loss{0, logits};
  const auto rows = static_cast<double>(logits.rows());
  for (std::size_t r = 0; r < logits.rows(); ++r) {
    assert(targets[r] < logits.columns());
    const auto p = loss.gradient.row(r);
    const float most = *std::ranges::max_element(p);
    const float target = p[targets[r]];
    double sum = 0;
    for (auto& logit : p) {
      logit = std::exp(logit - most);
      sum += logit;
    }
    loss.value += (std::log(sum) + most - target) / rows;
    const auto scale = static_cast<float>(1 / sum / rows);
    for (auto& share : p) share *= scale;
    p[targets[r]] -= static_cast<float>(1 / rows);
  }
  return loss;
}

PairLoss info_nce(const Matrix& a, const Matrix& b, float temperature) {
  assert(a.rows() == b.rows() && a.columns() == b.columns());
  const auto batch = a.rows();
  const auto dim = a.columns();
  Matrix logits(batch, batch);
  gemm(Transpose::kNo, Transpose::kYes, batch, batch, dim, 1 / temperature, a.data(), b.data(), 0, logits.data());
  std::vector<std::uint32_t> own(batch);
  std::iota(own.begin(), own.end(), 0U);
  auto forth = softmax_cross_entropy(logits, own);
  const auto back = softmax_cross_entropy(transposed(logits), own);
  auto& by_logits = forth.gradient;
  by_logits += transposed(back.gradient);
  PairLoss loss{(forth.value + back.value) / 2, Matrix(batch, dim), Matrix(batch, dim)};
  const float scale = 0.5F / temperature;
  gemm(Transpose::kNo, Transpose::kNo, batch, dim, batch, scale, by_logits.data(), b.data(), 0, loss.gradient_a.data());
  gemm(Transpose::kYes, Transpose::kNo, batch, dim, batch, scale, by_logits.data(), a.data(), 0,
       loss.gradient_b.data());
  return loss;
}

Loss squared_error(const Matrix& x, const Matrix& target, std::span<const float> weights) {
  assert(x.size() == target.size() && (weights.empty() || weights.size() == x.rows()));
  Loss loss{0, x};
  const auto rows = static_cast<float>(x.rows());
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const float weight = (weights.empty() ? 1 : weights[r]) / rows;
    for (std::size_t d = 0; d < x.columns(); ++d) {
      const float miss = x.row(r)[d] - target.row(r)[d];
      loss.value += double{weight} * miss * miss;
      loss.gradient.row(r)[d] = 2 * weight * miss;
    }
  }
  return loss;
}

Loss logistic(const Matrix& scores, const Matrix& labels) {
  assert(scores.size() == labels.size());
  Loss loss{0, scores};
  const auto count = static_cast<double>(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double s = scores.values()[i];
    const double label = labels.values()[i];
    loss.value += (std::max(s, 0.0) + std::log1p(std::exp(-std::abs(s))) - label * s) / count;
    loss.gradient.values()[i] = static_cast<float>((1 / (1 + std::exp(-s)) - label) / count);
  }
  return loss;
}

}  // namespace zhiyin::nn
