// Hand-written gradients against central differences.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "base/nn/parameters.h"
#include "base/random.h"

namespace zhiyin::nn {

inline Matrix random_matrix(std::size_t rows, std::size_t columns, std::uint64_t seed, float scale = 1) {
  Random random(seed);
  Matrix x(rows, columns);
  for (auto& value : x.values()) value = scale * random.normal();
  return x;
}

// Numbers that stand in one loss and the gradient that is claimed for them.
struct Claim {
  std::string name;
  std::vector<float>* values;
  std::vector<float> gradient;
};

inline Claim claim(std::string name, Matrix& x, const Matrix& gradient) {
  return {std::move(name), &x.values(), gradient.values()};
}

// The parameters' claims, as backward() has just left them.
inline std::vector<Claim> claims(const Parameters& all) {
  std::vector<Claim> out;
  for (const auto& [name, parameter] : all) out.push_back(claim(name, parameter->value, parameter->gradient));
  return out;
}

// Compares every number's gradient with the fourth-order difference
//   (8 (L(+h) - L(-h)) - (L(+2h) - L(-2h))) / 12 h,
// whose own error (h^4) and that of float32 sums (1e-7 / h) both stay well below the tolerance at this h. The error
// is measured against the block's largest gradient, which must not be zero: a loss that ignores its input proves
// nothing.
inline void expect_gradients(const std::function<double()>& loss, const std::vector<Claim>& claims,
                             double tolerance = 1e-3) {
  constexpr float kStep = 1.0F / 64;
  for (const auto& [name, values, gradient] : claims) {
    ASSERT_EQ(values->size(), gradient.size()) << name;
    double largest = 0;
    double worst = 0;
    std::size_t at = 0;
    for (std::size_t i = 0; i < values->size(); ++i) {
      const float kept = (*values)[i];
      const auto moved = [&](float by) {
        (*values)[i] = kept + by;
        return loss();
      };
      const double slope = (8 * (moved(kStep) - moved(-kStep)) - (moved(2 * kStep) - moved(-2 * kStep))) / (12 * kStep);
      (*values)[i] = kept;
      largest = std::max(largest, std::abs(slope));
      if (const double error = std::abs(slope - gradient[i]); error > worst) {
        worst = error;
        at = i;
      }
    }
    EXPECT_GT(largest, 1e-3) << name << ": nothing depends on it";
    EXPECT_LT(worst, tolerance * largest) << name << "[" << at << "]: " << gradient[at] << " is claimed";
  }
}

// The gradients of any layer, by its input and its parameters, for the loss sum(y * mix) with a random mix.
// forward(x, keep) and backward(dy, kept) call the layer with whatever else it needs.
template <typename Layer, typename Forward, typename Backward>
void expect_layer_gradients(Layer& layer, Matrix x, Forward forward, Backward backward, double tolerance = 1e-3) {
  typename Layer::Kept kept;
  const auto y = forward(x, &kept);
  const auto mix = random_matrix(y.rows(), y.columns(), 99);
  Parameters all;
  layer.enumerate("layer", all);
  clear_gradients(all);
  const auto dx = backward(mix, kept);
  auto claimed = claims(all);
  claimed.push_back(claim("x", x, dx));
  const auto loss = [&] {
    const auto now = forward(x, nullptr);
    double sum = 0;
    for (std::size_t i = 0; i < now.size(); ++i) sum += double{now.values()[i]} * mix.values()[i];
    return sum;
  };
  expect_gradients(loss, claimed, tolerance);
}

// The same for a function without parameters: forward(x) and backward(dy, x, y).
template <typename Forward, typename Backward>
void expect_function_gradient(Matrix x, Forward forward, Backward backward, double tolerance = 1e-3) {
  const auto y = forward(x);
  const auto mix = random_matrix(y.rows(), y.columns(), 99);
  const Matrix dx = backward(mix, x, y);
  const auto loss = [&] {
    const auto now = forward(x);
    double sum = 0;
    for (std::size_t i = 0; i < now.size(); ++i) sum += double{now.values()[i]} * mix.values()[i];
    return sum;
  };
  expect_gradients(loss, {claim("x", x, dx)}, tolerance);
}

}  // namespace zhiyin::nn
