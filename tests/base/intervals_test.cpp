#include "base/measure/intervals.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"

namespace zhiyin {
namespace {

std::vector<double> normal_sample(std::size_t size, double mean, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> values(size);
  for (auto& value : values) value = mean + random.normal();
  return values;
}

TEST(Bootstrap, OfEqualValuesIsAPoint) {
  const std::vector<double> values(20, 0.25);
  const auto interval = bootstrap_mean(values, 1);
  EXPECT_DOUBLE_EQ(interval.low, 0.25);
  EXPECT_DOUBLE_EQ(interval.high, 0.25);
}

TEST(Bootstrap, IsAboutTwoStandardErrorsEachWay) {
  const auto interval = bootstrap_mean(normal_sample(400, 0, 1), 1);
  EXPECT_NEAR(interval.high - interval.low, 2 * 1.96 / std::sqrt(400.0), 0.02);
}

TEST(Bootstrap, HoldsTheTrueMeanAboutNineteenTimesInTwenty) {
  int held = 0;
  for (std::uint64_t round = 0; round < 200; ++round) {
    const auto interval = bootstrap_mean(normal_sample(60, 3, round), round, 400);
    held += interval.low <= 3 && 3 <= interval.high ? 1 : 0;
  }
  EXPECT_GE(held, 178);
  EXPECT_LE(held, 199);
}

TEST(Bootstrap, RepeatsForASeed) {
  const auto values = normal_sample(50, 0, 2);
  EXPECT_EQ(bootstrap_mean(values, 9).low, bootstrap_mean(values, 9).low);
  EXPECT_NE(bootstrap_mean(values, 9).low, bootstrap_mean(values, 10).low);
}

TEST(PairedDifference, OfAModelWithItselfIsNothing) {
  const auto values = normal_sample(30, 0, 1);
  const auto difference = paired_difference(values, values, 1);
  EXPECT_EQ(difference.mean, 0);
  EXPECT_EQ(difference.p, 1);
}

TEST(PairedDifference, SeesASmallAdvantageThatEveryUserShares) {
  const auto a = normal_sample(200, 0, 1);
  auto b = a;
  Random random(3);
  for (auto& value : b) value -= 0.01 * (1 + random.uniform());
  const auto difference = paired_difference(a, b, 1);
  EXPECT_NEAR(difference.mean, 0.015, 0.001);
  EXPECT_GT(difference.interval.low, 0);
  EXPECT_NEAR(difference.p, 1.0 / 1001, 1e-12);
}

TEST(PairedDifference, DoesNotSeeOneThatIsNotThere) {
  const auto difference = paired_difference(normal_sample(200, 0, 1), normal_sample(200, 0, 2), 1);
  EXPECT_GT(difference.p, 0.05);
  EXPECT_LT(difference.interval.low, 0);
  EXPECT_GT(difference.interval.high, 0);
}

// Two users, differences 1 and 1: of the four ways to flip signs, two are as far from 0.
TEST(PairedDifference, CountsFlipsThatAreEquallyFar) {
  const auto difference = paired_difference(std::vector{2.0, 2.0}, std::vector{1.0, 1.0}, 1, 4000);
  EXPECT_NEAR(difference.p, 0.5, 0.03);
}

}  // namespace
}  // namespace zhiyin
