#include "base/measure/splits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace zhiyin {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAreArray;

TEST(RandomFolds, HoldEveryUserOnceInGroupsOfEqualSize) {
  Random random(1);
  const auto folds = random_folds(13, 5, random);
  ASSERT_EQ(folds.size(), 5U);
  std::vector<std::uint32_t> all;
  for (const auto& fold : folds) {
    EXPECT_TRUE(fold.size() == 2 || fold.size() == 3);
    EXPECT_TRUE(std::ranges::is_sorted(fold));
    all.insert(all.end(), fold.begin(), fold.end());
  }
  EXPECT_THAT(all, UnorderedElementsAreArray({0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 9U, 10U, 11U, 12U}));
}

TEST(RandomFolds, RepeatForASeedAndDifferForAnother) {
  Random a(1);
  Random b(1);
  Random c(2);
  const auto first = random_folds(100, 5, a);
  EXPECT_EQ(first, random_folds(100, 5, b));
  EXPECT_NE(first, random_folds(100, 5, c));
}

TEST(HoldOutShare, TakesTheWholePartOfTheShare) {
  Random random(1);
  for (const auto& [size, held] : {std::pair(4, 0), {5, 1}, {9, 1}, {10, 2}, {99, 19}}) {
    const auto cut = hold_out_share(static_cast<std::size_t>(size), 0.2, random);
    EXPECT_EQ(cut.held_out.size(), static_cast<std::size_t>(held)) << size;
    EXPECT_EQ(cut.kept.size(), static_cast<std::size_t>(size - held)) << size;
  }
}

TEST(HoldOutShare, NeverKeepsWhatItHoldsOut) {
  Random random(5);
  for (int round = 0; round < 50; ++round) {
    const auto cut = hold_out_share(40, 0.2, random);
    std::vector<std::uint32_t> both;
    std::ranges::set_intersection(cut.kept, cut.held_out, std::back_inserter(both));
    EXPECT_THAT(both, IsEmpty());
    EXPECT_EQ(cut.kept.size() + cut.held_out.size(), 40U);
  }
}

TEST(HoldOutLast, AlwaysKeepsOne) {
  EXPECT_THAT(hold_out_last(3, 1).held_out, ElementsAre(2));
  EXPECT_THAT(hold_out_last(3, 1).kept, ElementsAre(0, 1));
  EXPECT_THAT(hold_out_last(2, 5).kept, ElementsAre(0));
  EXPECT_THAT(hold_out_last(1, 1).held_out, IsEmpty());
  EXPECT_THAT(hold_out_last(0, 1).kept, IsEmpty());
}

}  // namespace
}  // namespace zhiyin
