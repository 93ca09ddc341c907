// Strips of sound that are kept for a second look.
#include "learn/eval/heard_strips.h"

#include <gtest/gtest.h>

namespace zhiyin {
namespace {

MelStrip strip(std::size_t levels, float value) { return {std::vector<float>(levels, value)}; }

TEST(HeardStrips, AreTakenOnce) {
  HeardStrips strips;
  strips.put("a", strip(3, 1));
  strips.put("a", strip(3, 2));
  const auto taken = strips.take("a");
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->levels, std::vector<float>(3, 1));
  EXPECT_FALSE(strips.take("a").has_value());
}

TEST(HeardStrips, KeepWithinTheirRoomAndWhatIsTakenMakesRoom) {
  HeardStrips strips(8 * sizeof(float));
  strips.put("a", strip(5, 1));
  strips.put("b", strip(4, 1));
  strips.put("c", strip(3, 1));
  EXPECT_FALSE(strips.take("b").has_value()) << "too much beside a";
  EXPECT_TRUE(strips.take("c").has_value());
  EXPECT_TRUE(strips.take("a").has_value());
  strips.put("b", strip(8, 1));
  EXPECT_TRUE(strips.take("b").has_value());
}

}  // namespace
}  // namespace zhiyin
