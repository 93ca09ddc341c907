// What is done lately: windows that fade, bounded, the same after replay.
#include "feed/live/trending.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "feed/live/live.h"
#include "support/world.h"

namespace zhiyin {
namespace {

constexpr UnixSeconds kDay = 86'400;
constexpr UnixSeconds kNow = 20'000 * kDay;

std::vector<std::string> ids(const std::vector<Trend>& trends) {
  std::vector<std::string> all;
  for (const auto& trend : trends) all.push_back(trend.item.value);
  return all;
}

TEST(Trending, ADayAndAWeekSeeDifferentThings) {
  Trending trending;
  for (int day = 1; day <= 7; ++day) {
    for (int n = 0; n < 5; ++n) trending.add(ItemId("steady"), 1, kNow - day * kDay);
  }
  for (int n = 0; n < 6; ++n) trending.add(ItemId("sudden"), 1, kNow);
  EXPECT_THAT(ids(trending.top(Window::kDay, kNow, 2)), testing::ElementsAre("sudden", "steady"));
  EXPECT_THAT(ids(trending.top(Window::kWeek, kNow, 2)), testing::ElementsAre("steady", "sudden"));
  EXPECT_THAT(ids(trending.top(Window::kRising, kNow, 1)), testing::ElementsAre("sudden"));
  EXPECT_TRUE(trending.top(Window::kDay, kNow + 60 * kDay, 2).empty());  // nothing is done any more
}

TEST(Trending, ALateEventCountsAsIfItHadComeInTime) {
  Trending in_time;
  in_time.add(ItemId("a"), 1, kNow - kDay);
  in_time.add(ItemId("a"), 2, kNow);
  Trending late;
  late.add(ItemId("a"), 2, kNow);
  late.add(ItemId("a"), 1, kNow - kDay);
  EXPECT_DOUBLE_EQ(in_time.top(Window::kDay, kNow, 1)[0].score, 2.5);
  EXPECT_DOUBLE_EQ(late.top(Window::kDay, kNow, 1)[0].score, 2.5);
}

TEST(Trending, TheQuietestAreForgotten) {
  Trending trending({.most_items = 20});
  for (int item = 0; item < 100; ++item) {
    trending.add(ItemId(fmt::format("{}", item)), 1, kNow);
    trending.add(ItemId("loud"), 1, kNow);
  }
  EXPECT_LE(trending.size(), 20U);
  EXPECT_EQ(ids(trending.top(Window::kDay, kNow, 1)), std::vector<std::string>{"loud"});
}

TEST(Trending, ReplayGivesWhatWasThere) {
  World world;
  world.items("a A\nb B");
  world.events("ann like a\nbob view b 0.9\nann impression b\nann dislike b");
  Live again;
  ASSERT_TRUE(again.replay(*world.log).ok());
  const auto before = world.live.trending().top(Window::kWeek, world.clock.now(), 5);
  const auto after = again.trending().top(Window::kWeek, world.clock.now(), 5);
  ASSERT_EQ(ids(before), (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(ids(after), ids(before));
  EXPECT_EQ(after[0].score, before[0].score);
}

TEST(LiveIsBounded, UsersWhoDidNothingForLongestAreForgotten) {
  Live live({.most_users = 50});
  for (int user = 0; user < 200; ++user) {
    live.apply({.type = EventType::kLike, .user = UserId(fmt::format("u{}", user)), .item = ItemId("a")});
    live.apply({.type = EventType::kLike, .user = UserId("faithful"), .item = ItemId(fmt::format("i{}", user))});
  }
  EXPECT_LE(live.count_users(), 50U);
  EXPECT_EQ(live.user(UserId("u0")), nullptr);
  ASSERT_NE(live.user(UserId("u199")), nullptr);
  EXPECT_EQ(live.user(UserId("faithful"))->events, 200);
}

}  // namespace
}  // namespace zhiyin
