#include "learn/masked_patches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/kernels/vectors.h"
#include "base/nn/optimizers.h"
#include "base/nn_check.h"

namespace zhiyin {
namespace {

constexpr PictureShape kSmall{16, 8, 2};  // 2 squares, one above the other

MaskedPictures pictures_of(std::vector<std::uint8_t> hidden) {
  const auto count = hidden.size() / 2;
  return {nn::random_matrix(count * kSmall.height * kSmall.width, kSmall.channels, 2), std::move(hidden),
          nn::random_matrix(count, ClipNet::kDim, 3)};
}

// As tests/understand/clip_net_test.cpp: ReLU has kinks, so the slope along each claimed gradient is compared.
TEST(MaskedPatches, GradientsAreTheDerivatives) {
  Random random(1);
  ClipNet net(kSmall, random);
  MaskedPatches masked(kSmall, random);
  nn::Parameters all;
  net.enumerate("net", all);
  masked.enumerate("masked", all);
  // A picture that is hidden as a whole stands on every kink at once while the biases are zeros.
  for (const auto& [name, parameter] : all) {
    for (auto& value : parameter->value.values()) value += 0.1F * random.normal();
  }
  nn::clear_gradients(all);
  auto pictures = pictures_of({1, 0, 0, 1, 1, 1, 0, 0});
  MaskedPatches::Kept kept;
  ASSERT_GT(masked.loss(net, pictures, &kept), 0);
  nn::Parameter beside;
  beside.value = pictures.beside;
  beside.gradient = masked.backward(net, 2, std::move(kept));
  all.push_back({"beside", &beside});
  const auto loss = [&] {
    pictures.beside = beside.value;
    return 2 * masked.loss(net, pictures);
  };
  for (const auto& [name, parameter] : all) {
    const auto gradient = parameter->gradient.values();
    const float length = std::sqrt(dot(gradient, gradient));
    ASSERT_GT(length, 0) << name;
    const auto moved = [&](float by) {
      for (std::size_t i = 0; i < gradient.size(); ++i) parameter->value.values()[i] += by * gradient[i] / length;
      return loss();
    };
    constexpr float kStep = 4e-4F;
    const double ahead = moved(kStep);
    const double behind = moved(-2 * kStep);
    moved(kStep);
    EXPECT_NEAR((ahead - behind) / (2 * kStep), length, 0.03 * length) << name;
  }
}

TEST(MaskedPatches, WhatIsHiddenIsNotSeenAndWhatIsSeenIsNotAsked) {
  Random random(1);
  const ClipNet net(kSmall, random);
  const MaskedPatches masked(kSmall, random);
  EXPECT_EQ(masked.loss(net, pictures_of({0, 0, 0, 0})), 0);

  // Pixels of the hidden square change round, its mean stays: neither what is seen nor what is asked has changed.
  auto pictures = pictures_of({1, 0, 1, 0});
  const double before = masked.loss(net, pictures);
  std::swap(pictures.pixels.row(0)[0], pictures.pixels.row(9)[0]);
  EXPECT_NEAR(masked.loss(net, pictures), before, 1e-5);
  std::swap(pictures.pixels.row(0)[0], pictures.pixels.row(9 * 8)[0]);
  EXPECT_GT(std::abs(masked.loss(net, pictures) - before), 1e-4) << "with the square below, which is seen";
}

// Grey pictures of many levels, of which nothing is seen: the other modality knows the level.
TEST(MaskedPatches, AModalityThatIsHiddenAsAWholeIsToldFromTheOther) {
  Random random(1);
  ClipNet net(kSmall, random);
  MaskedPatches masked(kSmall, random);
  nn::Parameters all;
  net.enumerate("net", all);
  masked.enumerate("masked", all);
  nn::Adam adam(all, {.rate = 3e-3F});
  constexpr std::size_t kPictures = 8;
  MaskedPictures pictures{nn::Matrix(kPictures * kSmall.height * kSmall.width, kSmall.channels),
                          std::vector<std::uint8_t>(kPictures * 2, 1), nn::Matrix(kPictures, ClipNet::kDim)};
  for (std::size_t p = 0; p < kPictures; ++p) {
    const float level = static_cast<float>(p) / kPictures;
    const auto size = kSmall.size();
    std::ranges::fill(std::span(pictures.pixels.values()).subspan(p * size, size), level);
    std::ranges::fill(pictures.beside.row(p), level);
  }
  double loss = 0;
  for (int step = 0; step < 100; ++step) {
    MaskedPatches::Kept kept;
    loss = masked.loss(net, pictures, &kept);
    masked.backward(net, 1, std::move(kept));
    adam.step();
  }
  EXPECT_LT(loss, 0.1) << "1 is what one knows who knows the mean";
}

}  // namespace
}  // namespace zhiyin
