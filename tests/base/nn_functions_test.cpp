#include <gtest/gtest.h>

#include "base/nn/activations.h"
#include "base/nn/gru.h"
#include "base/nn/losses.h"
#include "base/nn/pooling.h"
#include "base/nn/sampled_softmax.h"
#include "base/nn_check.h"

namespace zhiyin::nn {
namespace {

// No number so near to zero that a difference would step over the kink.
Matrix away_from_zero(Matrix x) {
  for (auto& value : x.values()) value += value < 0 ? -0.1F : 0.1F;
  return x;
}

TEST(NnFunctions, ActivationGradientsAreTheDerivatives) {
  const auto x = away_from_zero(random_matrix(3, 4, 1));
  expect_function_gradient(
      x, [](const Matrix& v) { return relu(v); },
      [](const Matrix& dy, const Matrix&, const Matrix& y) { return relu_backward(dy, y); });
  expect_function_gradient(
      x, [](const Matrix& v) { return gelu(v); },
      [](const Matrix& dy, const Matrix& v, const Matrix&) { return gelu_backward(dy, v); });
  expect_function_gradient(
      x, [](const Matrix& v) { return sigmoid(v); },
      [](const Matrix& dy, const Matrix&, const Matrix& y) { return sigmoid_backward(dy, y); });
  expect_function_gradient(
      x, [](const Matrix& v) { return tanh(v); },
      [](const Matrix& dy, const Matrix&, const Matrix& y) { return tanh_backward(dy, y); });
  expect_function_gradient(
      x, [](const Matrix& v) { return unit_rows(v); }, unit_rows_backward);
}

TEST(NnFunctions, GeluAndUnitRowsHaveTheirKnownValues) {
  EXPECT_NEAR(gelu(Matrix(1, 1, {1})).values()[0], 0.8412, 1e-4);
  EXPECT_EQ(unit_rows(Matrix(2, 2, {3, 4, 0, 0})).values(), (std::vector<float>{0.6F, 0.8F, 0, 0}));
}

TEST(NnFunctions, DropoutKeepsTheMeanAndItsGradientTheSameNumbers) {
  Random random(7);
  Matrix mask;
  const auto y = dropout(Matrix(100, 100, 1.0F), 0.3F, random, mask);
  double sum = 0;
  for (const float value : y.values()) sum += value;
  EXPECT_NEAR(sum / 1e4, 1, 0.02);
  EXPECT_EQ(dropout_backward(Matrix(100, 100, 1.0F), mask).values(), y.values());
}

const Sequences kWithGaps{2, 3, {1, 0, 1, 0, 0, 0}};

TEST(NnFunctions, PoolingGradientsAreTheDerivatives) {
  const auto x = random_matrix(6, 3, 1);
  for (const auto& shape : {Sequences{2, 3}, kWithGaps}) {
    expect_function_gradient(
        x, [&](const Matrix& v) { return mean_pool(v, shape); },
        [&](const Matrix& dy, const Matrix&, const Matrix&) { return mean_pool_backward(dy, shape); });
    std::vector<std::size_t> from;
    expect_function_gradient(
        x, [&](const Matrix& v) { return max_pool(v, shape, from); },
        [&](const Matrix& dy, const Matrix&, const Matrix&) { return max_pool_backward(dy, 6, from); });
    expect_function_gradient(
        x, [&](const Matrix& v) { return last_step(v, shape); },
        [&](const Matrix& dy, const Matrix&, const Matrix&) { return last_step_backward(dy, shape); });
  }
  const Grid grid{2, 4, 5};
  expect_function_gradient(
      random_matrix(grid.rows(), 2, 1), [&](const Matrix& v) { return mean_pool_2x2(v, grid); },
      [&](const Matrix& dy, const Matrix&, const Matrix&) { return mean_pool_2x2_backward(dy, grid); });
}

TEST(NnFunctions, PoolingCountsOnlyWhatIsPresent) {
  const Matrix x(6, 1, {1, 50, 3, 7, 8, 9});
  std::vector<std::size_t> from;
  EXPECT_EQ(mean_pool(x, kWithGaps).values(), (std::vector<float>{2, 0}));
  EXPECT_EQ(max_pool(x, kWithGaps, from).values(), (std::vector<float>{3, 0}));
  EXPECT_EQ(mean_pool_2x2(Matrix(6, 1, {1, 2, 9, 3, 4, 9}), Grid{1, 2, 3}).values(), (std::vector<float>{2.5F}));
}

TEST(NnLosses, SoftmaxCrossEntropyAndItsGradient) {
  auto logits = random_matrix(3, 4, 1);
  const std::vector<std::uint32_t> targets = {2, 0, 3};
  const auto found = softmax_cross_entropy(logits, targets);
  expect_gradients([&] { return softmax_cross_entropy(logits, targets).value; },
                   {claim("logits", logits, found.gradient)});
  EXPECT_NEAR(softmax_cross_entropy(Matrix(2, 4), std::vector<std::uint32_t>{0, 1}).value, std::log(4.0), 1e-6);
  EXPECT_NEAR(softmax_cross_entropy(Matrix(1, 2, {1000, 0}), std::vector<std::uint32_t>{1}).value, 1000, 1e-3)
      << "no overflow";
}

// Candidates 1, 3, 4 of which 3 is the second row's own.
TEST(NnLosses, SampledSoftmaxAndItsGradients) {
  auto states = random_matrix(2, 4, 1);
  auto own_vectors = random_matrix(2, 4, 2);
  auto vectors = random_matrix(3, 4, 3);
  const std::vector<std::uint32_t> own = {0, 3};
  const std::vector<std::uint32_t> ids = {1, 3, 4};
  const std::vector<float> log_expected = {std::log(0.5F), 0, -1};
  const auto loss = [&] { return sampled_softmax(states, own, own_vectors, {ids, log_expected, vectors}); };
  const auto found = loss();
  expect_gradients([&] { return loss().value; },
                   {claim("states", states, found.by_states), claim("own", own_vectors, found.by_own),
                    claim("candidates", vectors, found.by_candidates)});
}

TEST(NnLosses, SampledSoftmaxCorrectsForHowOftenACandidateIsExpected) {
  const std::vector<std::uint32_t> own = {7, 5};
  const std::vector<std::uint32_t> ids = {6, 7};
  const std::vector<float> log_expected = {std::log(2.0F), 0};
  const auto loss = sampled_softmax(Matrix(2, 3), own, Matrix(2, 3), {ids, log_expected, Matrix(2, 3)});
  EXPECT_NEAR(loss.value, (std::log(1 + 0.5) + std::log(1 + 0.5 + 1)) / 2, 1e-6);
}

TEST(NnLosses, SampledSoftmaxWithEverybodyIsTheFullSoftmaxHoweverManyRows) {
  constexpr std::size_t kRows = 600;
  const auto states = random_matrix(kRows, 5, 1);
  const auto table = random_matrix(3, 5, 2);
  Matrix logits(kRows, 3);
  Matrix own_vectors(kRows, 5);
  std::vector<std::uint32_t> own(kRows);
  for (std::uint32_t r = 0; r < kRows; ++r) {
    own[r] = r % 3;
    std::ranges::copy(table.row(own[r]), own_vectors.row(r).begin());
    for (std::size_t c = 0; c < 3; ++c) {
      for (std::size_t d = 0; d < 5; ++d) logits.row(r)[c] += states.row(r)[d] * table.row(c)[d];
    }
  }
  const std::vector<std::uint32_t> ids = {0, 1, 2};
  const auto found = sampled_softmax(states, own, own_vectors, {ids, {}, table});
  const auto full = softmax_cross_entropy(logits, own);
  EXPECT_NEAR(found.value, full.value, 1e-5);
  for (std::size_t d = 0; d < 5; ++d) {
    double expected = 0;
    for (std::size_t c = 0; c < 3; ++c) expected += double{full.gradient.row(kRows - 1)[c]} * table.row(c)[d];
    EXPECT_NEAR(found.by_states.row(kRows - 1)[d], expected, 1e-7);
  }
}

TEST(NnLosses, InfoNceAndItsGradients) {
  auto a = random_matrix(4, 3, 1, 0.5F);
  auto b = random_matrix(4, 3, 2, 0.5F);
  const auto found = info_nce(a, b, 0.3F);
  expect_gradients([&] { return info_nce(a, b, 0.3F).value; },
                   {claim("a", a, found.gradient_a), claim("b", b, found.gradient_b)});
  EXPECT_NEAR(info_nce(Matrix(4, 3), Matrix(4, 3), 1).value, std::log(4.0), 1e-6)
      << "views that say nothing are guessed";
}

TEST(NnLosses, SquaredErrorAndItsGradient) {
  auto x = random_matrix(3, 4, 1);
  auto target = random_matrix(3, 4, 2);
  const std::vector<float> weights = {1, 0.5F, 2};
  const auto found = squared_error(x, target, weights);
  expect_gradients([&] { return squared_error(x, target, weights).value; }, {claim("x", x, found.gradient)});
  EXPECT_NEAR(squared_error(Matrix(2, 2, {1, 2, 0, 0}), Matrix(2, 2)).value, 2.5, 1e-6);
}

TEST(NnLosses, LogisticAndItsGradient) {
  auto scores = random_matrix(3, 2, 1, 2);
  const Matrix labels(3, 2, {0, 1, 1, 0, 0.3F, 1});
  const auto found = logistic(scores, labels);
  expect_gradients([&] { return logistic(scores, labels).value; }, {claim("scores", scores, found.gradient)});
  EXPECT_NEAR(logistic(Matrix(1, 1, {-200}), Matrix(1, 1, {1})).value, 200, 1e-3) << "no overflow";
}

}  // namespace
}  // namespace zhiyin::nn
