#include "understand/embed/clip_net.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/kernels/vectors.h"
#include "base/nn_check.h"

namespace zhiyin {
namespace {

constexpr PictureShape kSmall{16, 8, 2};

ClipBatch batch_of(nn::Sequences steps, std::uint64_t seed) {
  const auto pictures = steps.batch * steps.time;
  return {nn::random_matrix(pictures * kSmall.height * kSmall.width, kSmall.channels, seed), std::move(steps)};
}

// ReLU has kinks that a difference steps over now and then, so the whole net is held against the slope along each
// parameter's claimed gradient, which must be that gradient's length; the layers are checked number by number in
// tests/base.
TEST(ClipNet, GradientsAreTheDerivatives) {
  Random random(1);
  ClipNet net(kSmall, random);
  nn::Parameters all;
  net.enumerate("net", all);
  nn::clear_gradients(all);
  const auto clips = batch_of({2, 3, {1, 1, 0, 1, 1, 1}}, 2);
  const auto mix = nn::random_matrix(2, ClipNet::kDim, 3);
  ClipNet::Kept kept;
  const auto y = net.embed(clips, &kept);
  ASSERT_EQ(y.rows(), 2U);
  net.backward(mix, kept);
  const auto loss = [&] {
    const auto now = net.embed(clips);
    double sum = 0;
    for (std::size_t i = 0; i < now.size(); ++i) sum += double{now.values()[i]} * mix.values()[i];
    return sum;
  };
  for (const auto& [name, parameter] : all) {
    const auto gradient = parameter->gradient.values();
    const float length = std::sqrt(dot(gradient, gradient));
    ASSERT_GT(length, 0) << name;
    const auto moved = [&](float by) {
      for (std::size_t i = 0; i < gradient.size(); ++i) parameter->value.values()[i] += by * gradient[i] / length;
      return loss();
    };
    constexpr float kStep = 4e-3F;
    const double ahead = moved(kStep);
    const double behind = moved(-2 * kStep);
    moved(kStep);
    EXPECT_NEAR((ahead - behind) / (2 * kStep), length, 0.03 * length) << name;
  }
}

TEST(ClipNet, PicturesThatAreNotPresentSayNothing) {
  Random random(1);
  const ClipNet net(kSmall, random);
  auto two = batch_of({1, 2}, 2);
  auto padded = batch_of({1, 3, {1, 1, 0}}, 5);
  std::ranges::copy(two.pixels.values(), padded.pixels.values().begin());
  const auto a = net.embed(two);
  const auto b = net.embed(padded);
  for (std::size_t d = 0; d < ClipNet::kDim; ++d) EXPECT_NEAR(a.values()[d], b.values()[d], 1e-5);
}

}  // namespace
}  // namespace zhiyin
