#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace zhiyin {
namespace {

using ::testing::ElementsAre;

TEST(Text, TrimsBothEndsOnly) {
  EXPECT_EQ(trim("  a b\r\n"), "a b");
  EXPECT_EQ(trim(" \t "), "");
}

TEST(Text, SplitKeepsEmptyPieces) {
  EXPECT_THAT(split("a,,b,", ','), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(split("", ','), ElementsAre(""));
}

TEST(Text, LowersLettersOfAsciiAlone) { EXPECT_EQ(ascii_lower("Tätigkeit ÄB 知音 Z"), "tätigkeit Äb 知音 z"); }

TEST(Text, EditDistanceCountsASwapOnce) {
  EXPECT_EQ(edit_distance("title", "title"), 0U);
  EXPECT_EQ(edit_distance("titel", "title"), 1U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Text, NearestNameForgivesCaseAndTypos) {
  constexpr std::array<std::string_view, 3> kNames = {"title", "text", "tags"};
  EXPECT_EQ(nearest_name("Titel", kNames), "title");
  EXPECT_EQ(nearest_name("tag", std::vector<std::string>{"title", "tags"}), "tags");
  EXPECT_EQ(nearest_name("x", std::vector<std::string>{}), "");
}

}  // namespace
}  // namespace zhiyin
