#include "match/factors/sampled_losses.h"

#include <cmath>

#include "base/kernels/vectors.h"

namespace zhiyin {
namespace {

double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }
float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

double bpr_loss(float own, std::span<float> others, float& own_slope) {
  const auto share = 1 / static_cast<float>(others.size());
  double loss = 0;
  own_slope = 0;
  for (auto& other : others) {
    const float lead = other - own;
    loss += softplus(lead) * share;
    other = sigmoid(lead) * share;
    own_slope -= other;
  }
  return loss;
}

double logistic_loss(float own, std::span<float> others, float& own_slope) {
  double loss = softplus(-own);
  own_slope = sigmoid(own) - 1;
  for (auto& other : others) {
    loss += softplus(other);
    other = sigmoid(other);
  }
  return loss;
}

SampledLoss sampled_loss(RowLoss loss, const nn::Matrix& states, const nn::Matrix& own, const nn::Matrix& others,
                         std::size_t count) {
  const auto rows = states.rows();
  const auto dim = states.columns();
  assert(own.rows() == rows && others.rows() == rows * count && own.columns() == dim && others.columns() == dim);
  SampledLoss all{0, nn::Matrix(rows, dim), nn::Matrix(rows, dim), nn::Matrix(rows * count, dim)};
  std::vector<float> scores(count);
  const float share = 1 / static_cast<float>(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    const auto state = states.row(r);
    row_dots(others.row(r * count).data(), count, dim, state.data(), scores.data());
    float slope = 0;
    all.value += share * loss(dot(state, own.row(r)), scores, slope);
    const auto by_state = all.by_states.row(r);
    axpy(share * slope, own.row(r).data(), by_state.data(), dim);
    axpy(share * slope, state.data(), all.by_own.row(r).data(), dim);
    for (std::size_t k = 0; k < count; ++k) {
      axpy(share * scores[k], others.row(r * count + k).data(), by_state.data(), dim);
      axpy(share * scores[k], state.data(), all.by_others.row(r * count + k).data(), dim);
    }
  }
  return all;
}

}  // namespace zhiyin
