#include <gtest/gtest.h>

#include "base/nn/attention.h"
#include "base/nn/conv2d.h"
#include "base/nn/dense.h"
#include "base/nn/embedding.h"
#include "base/nn/gru.h"
#include "base/nn/layer_norm.h"
#include "base/nn_check.h"

namespace zhiyin::nn {
namespace {

TEST(NnLayers, DenseGradientsAreTheDerivatives) {
  Random random(1);
  Dense layer(5, 3, random);
  expect_layer_gradients(
      layer, random_matrix(4, 5, 2), [&](const Matrix& x, Dense::Kept* keep) { return layer.forward(x, keep); },
      [&](const Matrix& dy, const Dense::Kept& kept) { return layer.backward(dy, kept); });
}

TEST(NnLayers, LayerNormGradientsAreTheDerivatives) {
  LayerNorm layer(6);
  Parameters all;
  layer.enumerate("norm", all);
  for (const auto& [name, parameter] : all) parameter->value += random_matrix(1, 6, 5);  // away from gain 1, bias 0
  expect_layer_gradients(
      layer, random_matrix(3, 6, 2), [&](const Matrix& x, LayerNorm::Kept* keep) { return layer.forward(x, keep); },
      [&](const Matrix& dy, const LayerNorm::Kept& kept) { return layer.backward(dy, kept); });
}

TEST(NnLayers, EmbeddingGradientsReachTheRowsLookedUpAndOnlyThose) {
  Random random(1);
  Embedding layer(5, 3, 1, random);
  const std::vector<std::uint32_t> ids = {3, 1, 3};
  Parameters all;
  layer.enumerate("table", all);
  auto& table = *all[0].parameter;
  layer.backward(Matrix(3, 3, {1, 2, 3, 4, 5, 6, 7, 8, 9}), ids);
  const std::vector<float> expected = {0, 0, 0, 4, 5, 6, 0, 0, 0, 8, 10, 12, 0, 0, 0};
  EXPECT_EQ(table.gradient.values(), expected);
  EXPECT_EQ(table.touched, ids);
  EXPECT_EQ(layer.forward(ids).values()[0], table.value.row(3)[0]);
}

class Convolutions : public testing::TestWithParam<std::pair<std::size_t, std::size_t>> {};

TEST_P(Convolutions, GradientsAreTheDerivatives) {
  const auto [kernel, stride] = GetParam();
  Random random(1);
  Conv2d layer(kernel, 2, 3, stride, random);
  const Grid grid{2, 5, 4};
  expect_layer_gradients(
      layer, random_matrix(grid.rows(), 2, 2),
      [&](const Matrix& x, Conv2d::Kept* keep) { return layer.forward(x, grid, keep); },
      [&](const Matrix& dy, const Conv2d::Kept& kept) { return layer.backward(dy, kept); });
}

INSTANTIATE_TEST_SUITE_P(NnLayers, Convolutions,
                         testing::Values(std::pair{1, 1}, std::pair{3, 1}, std::pair{3, 2}, std::pair{5, 2}),
                         [](const auto& tested) {
                           return "kernel" + std::to_string(tested.param.first) + "_stride" +
                                  std::to_string(tested.param.second);
                         });

TEST(NnLayers, ConvolutionIsTheSumOverThePatchWithZerosOutside) {
  Random random(1);
  Conv2d layer(3, 1, 1, 2, random);
  Parameters all;
  layer.enumerate("conv", all);
  all[0].parameter->value = Matrix(9, 1, {1, 10, 100, 1e3, 1e4, 1e5, 0, 0, 0});
  all[1].parameter->value = Matrix(1, 1, {0.5F});
  // 1 2 3
  // 4 5 6
  const auto y = layer.forward(Matrix(6, 1, {1, 2, 3, 4, 5, 6}), Grid{1, 2, 3});
  EXPECT_EQ(y.values(), (std::vector<float>{210000.5F, 32000.5F})) << "at pixels (0, 0) and (0, 2)";
}

const Sequences kWithGaps{2, 4, {1, 1, 0, 1, 0, 1, 1, 0}};

TEST(NnLayers, GruGradientsAreTheDerivatives) {
  Random random(1);
  Gru layer(3, 4, random);
  Parameters all;
  layer.enumerate("gru", all);
  for (const auto& [name, parameter] : all) {
    if (parameter->value.rows() == 1) parameter->value += random_matrix(1, 12, 5, 0.3F);
  }
  for (const auto& shape : {Sequences{2, 4}, kWithGaps}) {
    expect_layer_gradients(
        layer, random_matrix(8, 3, 2), [&](const Matrix& x, Gru::Kept* keep) { return layer.forward(x, shape, keep); },
        [&](const Matrix& dy, const Gru::Kept& kept) { return layer.backward(dy, kept); });
  }
}

TEST(NnLayers, GruKeepsItsStateOverStepsThatAreMissing) {
  Random random(1);
  const Gru layer(3, 4, random);
  auto x = random_matrix(8, 3, 2);
  const auto states = layer.forward(x, kWithGaps);
  for (std::size_t d = 0; d < 4; ++d) {
    EXPECT_EQ(states.row(2)[d], states.row(1)[d]);
    EXPECT_EQ(states.row(4)[d], 0) << "nothing has been seen yet";
  }
  x.row(2)[0] += 100;
  EXPECT_EQ(layer.forward(x, kWithGaps).values(), states.values());
  EXPECT_EQ(last_step(states, kWithGaps).row(1)[2], states.row(6)[2]);
}

// The loss counts every row of y, those of missing steps too: the whole function is checked.
TEST(NnLayers, AttentionGradientsAreTheDerivatives) {
  Random random(1);
  for (const auto sight : {Sight::kAll, Sight::kCausal}) {
    for (const auto& shape : {Sequences{2, 4}, kWithGaps}) {
      Attention layer(6, 2, sight, random);
      expect_layer_gradients(
          layer, random_matrix(8, 6, 2),
          [&](const Matrix& x, Attention::Kept* keep) { return layer.forward(x, shape, keep); },
          [&](const Matrix& dy, const Attention::Kept& kept) { return layer.backward(dy, kept); });
    }
  }
}

TEST(NnLayers, AttentionDoesNotSeeWhatIsMissingNorTheFuture) {
  Random random(1);
  const Attention all(6, 2, Sight::kAll, random);
  const Attention causal(6, 2, Sight::kCausal, random);
  const auto x = random_matrix(8, 6, 2);
  auto gap_changed = x;
  gap_changed.row(2)[0] += 1;
  auto future_changed = x;
  future_changed.row(3)[0] += 1;
  const auto before = all.forward(x, kWithGaps);
  const auto after = all.forward(gap_changed, kWithGaps);
  const auto causal_before = causal.forward(x, Sequences{2, 4});
  const auto causal_after = causal.forward(future_changed, Sequences{2, 4});
  for (const std::size_t row : {0U, 1U, 3U}) EXPECT_EQ(before.row(row)[0], after.row(row)[0]);
  for (const std::size_t row : {0U, 1U, 2U}) EXPECT_EQ(causal_before.row(row)[0], causal_after.row(row)[0]);
  EXPECT_NE(causal_before.row(3)[0], causal_after.row(3)[0]);
}

TEST(NnLayers, ASequenceOfNothingIsNoNaN) {
  Random random(1);
  const Sequences nothing{1, 3, {0, 0, 0}};
  const auto y = Attention(4, 1, Sight::kAll, random).forward(random_matrix(3, 4, 2), nothing);
  for (const float value : y.values()) EXPECT_EQ(value, 0);
}

}  // namespace
}  // namespace zhiyin::nn
