#include "learn/masked_blocks.h"

#include <gtest/gtest.h>

#include "base/nn/optimizers.h"
#include "base/nn_check.h"

namespace zhiyin {
namespace {

const std::vector<BlockPlace> kPlaces = {{0, 3}, {3, 2}};

TEST(MaskedBlocks, GradientsAreTheDerivatives) {
  Random random(1);
  MaskedBlocks masked(kPlaces, random);
  nn::Parameters all;
  masked.enumerate("masked", all);
  const auto blocks = nn::random_matrix(3, 5, 2);
  auto fused = nn::random_matrix(3, AttentionFusion::kDim, 3);
  const nn::Sequences there{3, 2, {1, 1, 1, 1, 1, 0}};
  const nn::Sequences seen{3, 2, {0, 1, 1, 0, 0, 0}};
  nn::clear_gradients(all);
  const auto loss = [&] { return 2 * masked.ask(fused, blocks, there, seen, 2).value; };
  const auto asked = masked.ask(fused, blocks, there, seen, 2);
  auto claims = nn::claims(all);
  claims.push_back(nn::claim("fused", fused, asked.gradient));
  nn::expect_gradients(loss, claims);
}

TEST(MaskedBlocks, WhatIsSeenOrNotThereIsNotAsked) {
  Random random(1);
  MaskedBlocks masked(kPlaces, random);
  const auto blocks = nn::random_matrix(2, 5, 2);
  const auto fused = nn::random_matrix(2, AttentionFusion::kDim, 3);
  const nn::Sequences there{2, 2, {1, 1, 1, 0}};
  const auto asked = masked.ask(fused, blocks, there, there, 1);
  EXPECT_EQ(asked.value, 0);
  for (const float g : asked.gradient.values()) EXPECT_EQ(g, 0);
}

// The second block says which of two things the first one is.
TEST(MaskedBlocks, AHiddenBlockIsLearnedToBeToldFromTheOther) {
  Random random(1);
  AttentionFusion fusion(kPlaces, random);
  MaskedBlocks masked(kPlaces, random);
  nn::Parameters all;
  fusion.enumerate("fusion", all);
  masked.enumerate("masked", all);
  nn::Adam adam(all, {.rate = 3e-3F});
  const nn::Matrix blocks(2, 5, {1, 1, -1, 1, 0, -1, 1, 1, 0, 1});
  const nn::Matrix left(2, 5, {0, 0, 0, 1, 0, 0, 0, 0, 0, 1});
  const auto there = fusion.present(blocks);
  const auto seen = fusion.present(left);
  double first = 0;
  double last = 0;
  for (int step = 0; step < 60; ++step) {
    AttentionFusion::Kept kept;
    const auto asked = masked.ask(fusion.forward(left, seen, &kept), blocks, there, seen, 1);
    fusion.backward(asked.gradient, kept);
    adam.step();
    if (step == 0) first = asked.value;
    last = asked.value;
  }
  EXPECT_GT(first, 0.5) << "1 is the loss of one who says nothing";
  EXPECT_LT(last, 0.1);
}

}  // namespace
}  // namespace zhiyin
