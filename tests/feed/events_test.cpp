// Events on their way in, and what live state and training make of them: one history, whatever order and clock.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "feed/ingest/event_clock.h"
#include "learn/training_set.h"
#include "state/bus/local/local_event_log.h"
#include "support/world.h"

namespace zhiyin {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

Event event(EventType type, std::string user, std::string item, UnixSeconds time) {
  Event made;
  made.type = type;
  made.user = UserId(std::move(user));
  made.item = ItemId(std::move(item));
  made.time = time;
  return made;
}

Event merge(std::string user, std::string guest, UnixSeconds time) {
  auto made = event(EventType::kMerge, std::move(user), "", time);
  made.text = std::move(guest);
  return made;
}

using enum EventType;

class Events : public ::testing::Test {
 protected:
  Events() { world_.items("a A\nb B\nc C\nd D"); }

  void log(const std::vector<Event>& events) { ASSERT_TRUE(world_.ingest->events(events).ok()); }

  // "item:preference" of a live history, oldest first.
  static std::vector<std::string> history(const Live& live, const char* user) {
    std::vector<std::string> all;
    const auto state = live.user(UserId(user));
    if (state == nullptr) return all;
    for (const auto& touched : state->touched)
      all.push_back(touched.item.value + (touched.preference > 0 ? "+" : touched.preference < 0 ? "-" : ""));
    return all;
  }
  // Items that training takes for liked.
  std::vector<std::string> learned(const char* user, const EventMeaning& meaning = {}) {
    const auto set = read_training_set(*world_.store, *world_.log, meaning).value();
    std::vector<std::string> all;
    for (UserIndex row = 0; row < set.users.size(); ++row) {
      if (set.users[row] != UserId(user)) continue;
      for (const auto item : set.positives.row(row)) all.push_back(set.items[item].value);
    }
    return all;
  }

  World world_;
};

TEST_F(Events, ALateEventDoesNotOverruleWhatCameAfterIt) {
  log({event(kDislike, "ann", "a", 200), event(kLike, "ann", "a", 100)});
  log({event(kLike, "ann", "b", 200), event(kDislike, "ann", "b", 100)});
  EXPECT_THAT(history(world_.live, "ann"), UnorderedElementsAre("a-", "b+"));
  EXPECT_THAT(learned("ann"), ElementsAre("b"));
}

TEST_F(Events, AGuestsHistoryBecomesTheUsersInLiveAndInTraining) {
  log({event(kLike, "guest:g", "a", 100), event(kLike, "ann", "b", 110), event(kLike, "guest:g", "b", 120),
       event(kDislike, "guest:g", "c", 130), event(kLike, "ann", "c", 90)});
  EXPECT_EQ(world_.live.item(ItemId("b")).likes, 2);
  log({merge("ann", "guest:g", 140)});
  EXPECT_THAT(history(world_.live, "ann"), ElementsAre("a+", "b+", "c-"));
  EXPECT_EQ(world_.live.user(UserId("guest:g")), nullptr);
  EXPECT_EQ(world_.live.item(ItemId("b")).likes, 1) << "two who liked it have become one";
  EXPECT_EQ(world_.live.item(ItemId("c")).likes, 0);
  EXPECT_THAT(learned("ann"), UnorderedElementsAre("a", "b"));
  EXPECT_THAT(learned("guest:g"), ElementsAre());
}

TEST_F(Events, WhatAGuestDoesAfterTheMergeIsSomebodyNew) {
  log({event(kLike, "guest:g", "a", 100), merge("ann", "guest:g", 110), event(kLike, "guest:g", "b", 120)});
  EXPECT_THAT(history(world_.live, "ann"), ElementsAre("a+"));
  EXPECT_THAT(history(world_.live, "guest:g"), ElementsAre("b+"));
  EXPECT_THAT(learned("ann"), ElementsAre("a"));
  EXPECT_THAT(learned("guest:g"), ElementsAre("b"));
  log({merge("ann", "guest:g", 130), merge("ann", "guest:g", 131), merge("ann", "guest:never", 132)});
  EXPECT_THAT(history(world_.live, "ann"), ElementsAre("a+", "b+"));
  EXPECT_THAT(learned("ann"), UnorderedElementsAre("a", "b"));
}

TEST_F(Events, AReplayRepeatsAMerge) {
  log({event(kLike, "guest:g", "a", 100), merge("ann", "guest:g", 110), event(kLike, "guest:h", "b", 120),
       merge("ann", "guest:h", 130), merge("bea", "ann", 140)});
  Live again;
  ASSERT_TRUE(again.replay(*world_.log).ok());
  EXPECT_THAT(history(again, "bea"), ElementsAre("a+", "b+"));
  EXPECT_EQ(history(again, "bea"), history(world_.live, "bea"));
  EXPECT_EQ(again.count_users(), world_.live.count_users());
  EXPECT_THAT(learned("bea"), UnorderedElementsAre("a", "b"));
}

TEST_F(Events, AnOpinionExpiresInLiveAndInTraining) {
  constexpr UnixSeconds kDay = 86'400;
  log({event(kLike, "ann", "a", 0), event(kLike, "ann", "b", kDay), event(kLike, "bob", "c", 2 * kDay)});
  EventMeaning meaning;
  meaning.ttl_days = 1;
  Live live({meaning, {}});
  ASSERT_TRUE(live.replay(*world_.log).ok());
  EXPECT_THAT(history(live, "ann"), ElementsAre("b+"));
  EXPECT_THAT(learned("ann", meaning), ElementsAre("b"));
  EXPECT_THAT(learned("ann"), UnorderedElementsAre("a", "b"));
}

TEST_F(Events, TheOwnersWeightsReachLiveAndTraining) {
  log({event(kClick, "ann", "a", 1), event(kSkip, "ann", "b", 2)});
  EventMeaning meaning;
  meaning.weight[static_cast<std::size_t>(kClick)] = 0;
  meaning.weight[static_cast<std::size_t>(kSkip)] = 1;
  Live live({meaning, {}});
  ASSERT_TRUE(live.replay(*world_.log).ok());
  EXPECT_THAT(history(live, "ann"), ElementsAre("a", "b+"));
  EXPECT_THAT(learned("ann", meaning), ElementsAre("b"));
}

TEST_F(Events, TooManyThatWaitForTheDiskAreRefusedUntilThereIsRoom) {
  Ingest ingest(*world_.store, *world_.log, &world_.live, world_.encoders, {.max_waiting_events = 10});
  const auto likes = [](int count) { return std::vector(count, event(kLike, "ann", "a", 1)); };
  std::promise<void> first_logged, go_on, last;
  auto may_go_on = go_on.get_future().share();
  ingest.events_later(likes(8), [&](const Result<Appended>& appended) {
    EXPECT_TRUE(appended.ok());
    first_logged.set_value();
    may_go_on.wait();
  });
  first_logged.get_future().wait();
  Result<Appended> refused = Appended{};
  ingest.events_later(likes(3), [&](Result<Appended> appended) { refused = std::move(appended); });
  ASSERT_FALSE(refused.ok()) << "answered at once";
  EXPECT_EQ(refused.error().code, ErrorCode::kBusy);
  ingest.events_later(likes(2), [&](const Result<Appended>& appended) {
    EXPECT_TRUE(appended.ok());
    last.set_value();
  });
  go_on.set_value();
  last.get_future().wait();
  EXPECT_EQ(world_.live.count_events(), 10) << "nothing of what was refused is kept";
  while (world_.log->waiting_events() > 0) std::this_thread::yield();
  EXPECT_TRUE(ingest.events(likes(11)).ok()) << "a request larger than the bound goes alone";
}

TEST_F(Events, WhatAnotherProcessLogsReachesTheLiveStateInTheOrderOfTheLog) {
  const auto other = open_local_log(world_.folder / "events.db").value();
  log({event(kLike, "ann", "a", 100)});
  ASSERT_TRUE(other->append(std::vector{event(kLike, "guest:g", "b", 100), event(kLike, "ann", "c", 100)}).ok());
  log({merge("ann", "guest:g", 110)});  // of what came from elsewhere
  EXPECT_THAT(history(world_.live, "ann"), UnorderedElementsAre("a+", "b+", "c+"));
  EXPECT_EQ(world_.live.count_events(), 4);

  ASSERT_TRUE(other->append(std::vector{event(kLike, "ann", "d", 120)}).ok());
  ASSERT_TRUE(world_.ingest->catch_up().ok());
  ASSERT_TRUE(world_.ingest->catch_up().ok());
  EXPECT_EQ(world_.live.count_events(), 5);
  EXPECT_EQ(world_.live.item(ItemId("d")).likes, 1);
}

TEST_F(Events, ABulkImportElsewhereIsNotWaitedForAndIsCaughtUpOnLater) {
  const auto other = open_local_log(world_.folder / "events.db").value();
  ASSERT_TRUE(other->append(std::vector(5000, event(kLike, "bob", "b", 100))).ok());
  log({event(kLike, "ann", "a", 100)});
  EXPECT_THAT(history(world_.live, "ann"), ElementsAre("a+"));
  EXPECT_EQ(world_.live.count_events(), 1) << "what is ahead of the rest is known at once";
  ASSERT_TRUE(other->append(std::vector{event(kLike, "bob", "c", 100)}).ok());
  log({event(kLike, "ann", "d", 101)});
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(world_.ingest->catch_up().ok());
    EXPECT_EQ(world_.live.count_events(), 5003) << "each once";
  }
  log({event(kDislike, "ann", "d", 102)});
  EXPECT_THAT(history(world_.live, "ann"), ElementsAre("a+", "d-"));
  EXPECT_THAT(history(world_.live, "bob"), ElementsAre("b+", "c+"));
}

TEST_F(Events, ALiveStateThatIsCaughtUpOnWhileEventsComeKnowsEachOnce) {
  const auto other = open_local_log(world_.folder / "events.db").value();
  {
    const std::jthread watcher([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) EXPECT_TRUE(world_.ingest->catch_up().ok());
    });
    for (int i = 0; i < 100; ++i) {
      log({event(kLike, "u" + std::to_string(i), "a", 1)});
      EXPECT_TRUE(other->append(std::vector{event(kLike, "v" + std::to_string(i), "b", 1)}).ok());
    }
  }
  ASSERT_TRUE(world_.ingest->catch_up().ok());
  EXPECT_EQ(world_.live.count_events(), world_.log->last_offset().value());
  EXPECT_EQ(world_.live.item(ItemId("a")).likes, 100);
  EXPECT_EQ(world_.live.item(ItemId("b")).likes, 100);
}

TEST_F(Events, AClockThatIsSetBackDoesNotTurnTheirOrder) {
  FixedClock wall(1'000'000);
  double steady_s = 0;
  const EventClock clock(wall, 0, [&] { return steady_s; });
  log({event(kLike, "ann", "a", clock.now())});
  wall.advance(-3600);
  steady_s += 5;
  EXPECT_EQ(clock.now(), 1'000'005);
  log({event(kDislike, "ann", "a", clock.now())});
  EXPECT_THAT(history(world_.live, "ann"), ElementsAre("a-"));
  EXPECT_TRUE(
      event_from_json(Json::parse(R"({"type":"like","user":"ann","item":"a","time":1000005})").value(), clock.now())
          .ok());
}

TEST_F(Events, AClockThatIsSetForwardIsBelievedAndBelievedAgainWhenItComesBack) {
  FixedClock wall(1'000'000);
  double steady_s = 0;
  const EventClock clock(wall, 0, [&] { return steady_s; });
  wall.advance(1'000'000);
  EXPECT_EQ(clock.now(), 2'000'000);
  wall.advance(-1'000'000);
  steady_s += 10;
  EXPECT_EQ(clock.now(), 1'000'010);
}

TEST_F(Events, AMachineThatStartsIn1970KnowsFromTheLogThatItIsLater) {
  FixedClock wall(5);
  double steady_s = 0;
  const EventClock clock(wall, 1'700'000'000, [&] { return steady_s; });
  steady_s += 2;
  EXPECT_EQ(clock.now(), 1'700'000'002);
}

}  // namespace
}  // namespace zhiyin
