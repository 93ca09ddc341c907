#include "base/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace zhiyin {
namespace {

TEST(Half, EveryHalfComesBackAsItself) {
  for (std::uint32_t half = 0; half <= 0xffffU; ++half) {
    const float value = half_to_float(static_cast<std::uint16_t>(half));
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(half_to_float(float_to_half(value))));
    } else {
      ASSERT_EQ(float_to_half(value), half) << value;
    }
  }
}

TEST(Half, RoundsToTheNearestAndTiesToEven) {
  EXPECT_EQ(half_to_float(float_to_half(1.0F + 0x1.0p-11F)), 1.0F) << "half way, down to even";
  EXPECT_EQ(half_to_float(float_to_half(1.0F + 0x1.8p-11F)), 1.0F + 0x1.0p-10F);
  EXPECT_EQ(half_to_float(float_to_half(1.0F + 3 * 0x1.0p-11F)), 1.0F + 0x1.0p-9F) << "half way, up to even";
  EXPECT_EQ(half_to_float(float_to_half(0x1.0p-25F)), 0.0F) << "half of the smallest, down to even";
  EXPECT_EQ(half_to_float(float_to_half(0x1.8p-25F)), 0x1.0p-24F);
  EXPECT_EQ(half_to_float(float_to_half(65519.0F)), 65504.0F);
  EXPECT_EQ(half_to_float(float_to_half(65520.0F)), std::numeric_limits<float>::infinity());
  EXPECT_EQ(half_to_float(float_to_half(-1e30F)), -std::numeric_limits<float>::infinity());
}

TEST(Half, IsWithinHalfALevelEverywhere) {
  for (float value = 1e-6F; value < 6e4F; value *= 1.0137F) {
    const float level = value < 0x1.0p-14F ? 0x1.0p-24F : std::exp2(std::floor(std::log2(value)) - 10);
    EXPECT_LE(std::abs(half_to_float(float_to_half(value)) - value), level / 2) << value;
    EXPECT_EQ(half_to_float(float_to_half(-value)), -half_to_float(float_to_half(value)));
  }
}

}  // namespace
}  // namespace zhiyin
