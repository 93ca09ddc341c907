#include "domain/interactions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zhiyin {
namespace {

using testing::ElementsAre;

TEST(Interactions, ARowIsAscendingAndKnowsTheOrderInTime) {
  const std::vector<Interaction> cells = {{0, 5, 1, 30}, {0, 2, 1, 10}, {1, 4, 1, 0}, {0, 9, 1, 20}};
  const auto built = Interactions::from(cells, 2, 10);
  EXPECT_THAT(built.row(0), ElementsAre(2, 5, 9));
  EXPECT_THAT(built.in_order(0), ElementsAre(2, 9, 5));
  EXPECT_THAT(built.in_order(1), ElementsAre(4));
}

TEST(Interactions, AtOneTimeTheOrderIsThatOfTheCells) {
  const std::vector<Interaction> cells = {{0, 5, 1, 7}, {0, 2, 1, 7}, {0, 9, 1, 7}};
  EXPECT_THAT(Interactions::from(cells, 1, 10).in_order(0), ElementsAre(5, 2, 9));
}

TEST(Interactions, OfARepeatedCellTheLaterOneCounts) {
  const std::vector<Interaction> cells = {{0, 5, 1, 30}, {0, 2, 1, 20}, {0, 5, 4, 10}, {0, 2, 3, 20}};
  const auto built = Interactions::from(cells, 1, 10);
  EXPECT_THAT(built.row(0), ElementsAre(2, 5));
  EXPECT_THAT(built.weights(0), ElementsAre(3, 1));
  EXPECT_THAT(built.in_order(0), ElementsAre(2, 5));
}

TEST(Interactions, TurnedRoundThereIsNoOrder) {
  const std::vector<Interaction> cells = {{0, 1, 2, 30}, {1, 1, 3, 20}};
  const auto turned = Interactions::from(cells, 2, 3).transposed();
  EXPECT_THAT(turned.row(1), ElementsAre(0, 1));
  EXPECT_THAT(turned.weights(1), ElementsAre(2, 3));
  EXPECT_TRUE(turned.in_order(1).empty());
}

}  // namespace
}  // namespace zhiyin
