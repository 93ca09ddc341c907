#include "base/kernels/compact.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace zhiyin {
namespace {

std::vector<float> normal(std::size_t size) {
  Random random(size);
  std::vector<float> values(size);
  for (auto& value : values) value = random.normal();
  return values;
}

TEST(CompactVector, ComesBackWithinItsErrorAtEverySize) {
  for (std::size_t size = 0; size < 40; ++size) {
    const auto values = normal(size);
    float most = 0;
    for (const float value : values) most = std::max(most, std::abs(value));
    const auto floats = unpack_vector(pack_vector(values, VectorPrecision::kFloat)).value();
    const auto halves = unpack_vector(pack_vector(values, VectorPrecision::kHalf)).value();
    const auto levels = unpack_vector(pack_vector(values, VectorPrecision::kInt8)).value();
    EXPECT_EQ(floats, values);
    ASSERT_EQ(halves.size(), size);
    ASSERT_EQ(levels.size(), size);
    for (std::size_t i = 0; i < size; ++i) {
      EXPECT_NEAR(halves[i], values[i], std::abs(values[i]) * 0x1.0p-11 + 0x1.0p-25);
      EXPECT_NEAR(levels[i], values[i], most / 253.9);
    }
  }
}

TEST(CompactVector, TakesHalfAndAQuarterOfTheSpace) {
  const auto values = normal(512);
  EXPECT_EQ(pack_vector(values, VectorPrecision::kFloat).size(), 2048U);
  EXPECT_EQ(pack_vector(values, VectorPrecision::kHalf).size(), 1025U);
  EXPECT_EQ(pack_vector(values, VectorPrecision::kInt8).size(), 517U);
}

TEST(CompactVector, APrecisionThatDoesNotFitIsNotTaken) {
  using enum VectorPrecision;
  const std::vector<float> direction = {0.6F, -0.8F};
  const std::vector<float> facts = {-23.5F, 0.01F};
  const std::vector<float> vast = {0, 70'000};
  const std::vector<float> tiny = {1e-6F, 0};
  const std::vector<float> unknown = {1, NAN};
  EXPECT_EQ(kept_precision(direction, kInt8), kInt8);
  EXPECT_EQ(kept_precision(direction, kHalf), kHalf);
  EXPECT_EQ(kept_precision(direction, kFloat), kFloat);
  EXPECT_EQ(kept_precision(facts, kInt8), kHalf) << "one scale would make a zero of the second";
  EXPECT_EQ(kept_precision(std::vector<float>(3, 0.0F), kInt8), kHalf);
  for (const auto& values : {vast, tiny, unknown}) EXPECT_EQ(kept_precision(values, kHalf), kFloat);
}

TEST(CompactVector, ZerosStayZeros) {
  const std::vector<float> zeros(7, 0.0F);
  for (const auto precision : {VectorPrecision::kFloat, VectorPrecision::kHalf, VectorPrecision::kInt8}) {
    EXPECT_EQ(unpack_vector(pack_vector(zeros, precision)).value(), zeros);
  }
}

TEST(CompactVector, OtherBytesAreRefused) {
  const std::string mark_without_scale("ixx", 3);
  const std::string unknown_mark("?12", 3);
  const std::string even("h12345", 6);
  for (const auto& bytes : {mark_without_scale, unknown_mark, even}) {
    const auto unpacked = unpack_vector(bytes);
    ASSERT_FALSE(unpacked.ok());
    EXPECT_EQ(unpacked.error().code, ErrorCode::kCorrupt);
  }
}

}  // namespace
}  // namespace zhiyin
