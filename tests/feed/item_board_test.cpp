#include "feed/live/item_board.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/random.h"

namespace zhiyin {
namespace {

TEST(ItemBoard, KeepsTheOrderByLikesThroughAThousandChangesOfMind) {
  Random random(5);
  ItemBoard board;
  std::map<std::string, std::int64_t> likes;
  for (int step = 0; step < 1000; ++step) {
    const auto name = "item" + std::to_string(random.below(40));
    const auto wanted = static_cast<int>(random.below(3)) - 1;
    const int change = likes[name] + wanted < 0 ? 0 : wanted;
    likes[name] += change;
    board.count(ItemId(name), change);
  }
  ASSERT_EQ(board.size(), likes.size());
  ASSERT_EQ(board.by_likes().size(), likes.size());
  std::int64_t before = 1000;
  std::map<std::string, int> seen;
  for (const auto at : board.by_likes()) {
    const auto& item = board[at];
    EXPECT_EQ(item.activity.likes, likes[item.id.value]);
    EXPECT_LE(item.activity.likes, before);
    EXPECT_EQ(++seen[item.id.value], 1);
    before = item.activity.likes;
  }
}

TEST(ItemBoard, ListsItemsInTheOrderOfTheirFirstEvent) {
  ItemBoard board;
  for (const auto* name : {"b", "a", "b", "c"}) board.count(ItemId(name), 0);
  ASSERT_EQ(board.size(), 3U);
  EXPECT_EQ(board[0].id.value, "b");
  EXPECT_EQ(board[0].activity.events, 2);
  EXPECT_EQ(board[2].id.value, "c");
  EXPECT_EQ(board.find(ItemId("d")), nullptr);
}

}  // namespace
}  // namespace zhiyin
