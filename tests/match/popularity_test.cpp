#include "match/popularity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "match/worlds.h"

namespace zhiyin {
namespace {

using testing::ElementsAre;

std::vector<float> levels(const Popularity& popularity, std::size_t items) {
  std::vector<float> scores(items, -1);
  popularity.score(scores);
  return scores;
}

// Item 0 has three users, item 1 one, item 2 none: log 4, log 2 and log 1 in steps of log 4 / 255.
TEST(Popularity, IsTheLogarithmOfHowManyTouchedAnItem) {
  EXPECT_THAT(levels(Popularity::of(world("0 1\n0\n0", 3)), 3), ElementsAre(255, 128, 0));
}

TEST(Popularity, OfNobodyIsZeros) {
  EXPECT_THAT(levels(Popularity::of(world("", 2)), 2), ElementsAre(0, 0));
  EXPECT_THAT(levels(Popularity(), 2), ElementsAre(0, 0));
}

TEST(Popularity, KnowsTheShareOfUsersWhoTouchedAnItem) {
  const auto counted = Popularity::of(world("0 1\n0\n\n0\n0", 3));  // four users with an event
  EXPECT_NEAR(counted.share(0), 1, 1e-5);
  EXPECT_NEAR(counted.share(1), 0.25, 0.01);  // as far as a byte can tell
  EXPECT_EQ(counted.share(2), 0);
  EXPECT_EQ(counted.highest_share(), counted.share(0));
  std::vector<float> scores(3, 10);
  counted.add_share(2, scores);
  EXPECT_NEAR(scores[0], 12, 1e-5);
  EXPECT_EQ(scores[2], 10);

  Tensors tensors;
  counted.save(tensors);
  EXPECT_EQ(Popularity::load(tensors, 3)->share(1), counted.share(1));
  Tensors older;
  older.put("popularity", tensors.all().at("popularity"));
  EXPECT_EQ(Popularity::load(older, 3)->share(0), 0);
}

TEST(Popularity, OneUserAmongMillionsIsMoreThanNone) {
  std::vector<Interaction> cells;
  for (UserIndex user = 0; user < 200'000; ++user) cells.push_back({user, 0});
  cells.push_back({7, 1});
  EXPECT_GT(levels(Popularity::of(Interactions::from(cells, 200'000, 3)), 3)[1], 0);
}

TEST(Popularity, OfAnotherNumberOfItemsIsRefused) {
  Tensors tensors;
  Popularity::of(world("0 1\n0", 2)).save(tensors);
  EXPECT_TRUE(Popularity::load(tensors, 2).ok());
  const auto other = Popularity::load(tensors, 3);
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace zhiyin
