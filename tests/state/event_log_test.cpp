// What every event log promises, whatever keeps it.
#include "state/bus/event_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <set>
#include <thread>

#include "state/bus/local/local_event_log.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

struct Backend {
  const char* name;
  Result<std::unique_ptr<EventLog>> (*open)(const std::filesystem::path& folder);
  friend std::ostream& operator<<(std::ostream& out, const Backend& backend) { return out << backend.name; }
};

Result<std::unique_ptr<EventLog>> open_local(const std::filesystem::path& folder) {
  return open_local_log(folder / "events.db");
}

Event event(std::string id, std::string user = "ann", std::string item = "song") {
  Event made;
  made.id = std::move(id);
  made.type = EventType::kLike;
  made.user = UserId(std::move(user));
  made.item = ItemId(std::move(item));
  made.time = 1'700'000'000;
  return made;
}

class EventLogTest : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { reopen(); }
  void reopen() {
    log_.reset();
    auto opened = GetParam().open(folder_.path());
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    log_ = std::move(opened).value();
  }
  Appended append(const std::vector<Event>& events) {
    auto appended = log_->append(events);
    EXPECT_TRUE(appended.ok()) << appended.error().message;
    return std::move(appended).value();
  }
  std::vector<LoggedEvent> replay(Offset after = 0) {
    std::vector<LoggedEvent> seen;
    const auto done = log_->replay(after, [&](const LoggedEvent& logged) { seen.push_back(logged); });
    EXPECT_TRUE(done.ok()) << done.error().message;
    return seen;
  }
  void expect_no_holes(const std::vector<LoggedEvent>& events, Offset first = 1) {
    for (std::size_t i = 0; i < events.size(); ++i) ASSERT_EQ(events[i].offset, first + static_cast<Offset>(i));
  }

  TemporaryFolder folder_;
  std::unique_ptr<EventLog> log_;
};

TEST_P(EventLogTest, AnEmptyLogEndsAtZero) {
  EXPECT_EQ(log_->last_offset().value(), 0);
  EXPECT_TRUE(replay().empty());
  const auto nothing = append({});
  EXPECT_EQ(nothing.accepted, 0);
  EXPECT_EQ(nothing.offset, 0);
}

TEST_P(EventLogTest, KeepsEveryFieldAcrossReopening) {
  auto full = event("e-1", "用户", "曲 1");
  full.type = EventType::kComment;
  full.value = 0.1;
  full.text = "好听\n\"really\"";
  full.recommendation = "r-7";
  full.source = "fresh";
  append({full, event("")});
  reopen();
  const auto seen = replay();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(to_json(seen[0].event).dump(), to_json(full).dump());
  EXPECT_EQ(seen[0].event.value, full.value);
  EXPECT_EQ(to_json(seen[1].event).dump(), to_json(event("")).dump());
  EXPECT_FALSE(seen[1].event.value.has_value());
}

TEST_P(EventLogTest, CountsARepeatAndLogsItOnce) {
  append({event("a"), event("b")});
  const auto second = append({event("b"), event("c"), event("c"), event("a")});
  EXPECT_EQ(second.accepted, 1);
  EXPECT_EQ(second.duplicates, 3);
  EXPECT_EQ(second.duplicate, (std::vector<bool>{true, false, true, true}));
  EXPECT_EQ(second.offset, 3);
  reopen();
  EXPECT_EQ(append({event("c")}).duplicates, 1);
  expect_no_holes(replay());
  EXPECT_EQ(log_->last_offset().value(), 3);
}

TEST_P(EventLogTest, EventsWithoutIdNeverRepeat) {
  EXPECT_EQ(append({event(""), event("")}).accepted, 2);
  EXPECT_EQ(append({event("")}).accepted, 1);
}

TEST_P(EventLogTest, OnlyDuplicatesStillTellTheEndOfTheLog) {
  append({event("a"), event("b")});
  EXPECT_EQ(append({event("a")}).offset, 2);
}

TEST_P(EventLogTest, FindsRepeatsAmongManyEvents) {
  constexpr int kEvents = 30'000;
  for (int round = 0; round < 2; ++round) {
    for (int begin = 0; begin < kEvents; begin += 5'000) {
      std::vector<Event> batch;
      for (int i = begin; i < begin + 5'000; ++i) batch.push_back(event("id-" + std::to_string((i * 7919) % kEvents)));
      const auto appended = append(batch);
      EXPECT_EQ(round == 0 ? appended.accepted : appended.duplicates, 5'000);
    }
    reopen();
  }
  EXPECT_EQ(log_->last_offset().value(), kEvents);
}

TEST_P(EventLogTest, ReplaysFromAnOffsetToTheEnd) {
  std::vector<Event> events;
  for (int i = 0; i < 10'000; ++i) events.push_back(event("", "user " + std::to_string(i)));
  append(events);
  const auto seen = replay(9'990);
  ASSERT_EQ(seen.size(), 10U);
  expect_no_holes(seen, 9'991);
  EXPECT_EQ(seen[0].event.user, UserId("user 9990"));
  EXPECT_TRUE(replay(10'000).empty());
  expect_no_holes(replay());
}

TEST_P(EventLogTest, AVisitorMayCallTheLog) {
  append({event("a"), event("b")});
  int visits = 0;
  const auto done = log_->replay(0, [&](const LoggedEvent& logged) {
    ++visits;
    append({event("from " + logged.event.id)});
  });
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(visits, 2) << "replay ends where the log ended when it was called";
  EXPECT_EQ(log_->last_offset().value(), 4);
}

TEST_P(EventLogTest, ThreadsShareOneOrderWithoutHoles) {
  constexpr int kThreads = 8, kAppends = 60;
  std::vector<std::vector<Offset>> acknowledged(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        const auto user = "user " + std::to_string(thread);
        for (int i = 0; i < kAppends; ++i) {
          // Every third append carries an event that all threads send.
          std::vector<Event> events = {event("", user, std::to_string(i))};
          if (i % 3 == 0) events.push_back(event("shared " + std::to_string(i)));
          acknowledged[thread].push_back(append(events).offset);
        }
      });
    }
  }
  const auto seen = replay();
  expect_no_holes(seen);
  EXPECT_EQ(seen.size(), kThreads * kAppends + kAppends / 3U);
  std::vector<int> next(kThreads, 0);
  std::set<std::string> shared;
  for (const auto& logged : seen) {
    if (!logged.event.id.empty()) {
      EXPECT_TRUE(shared.insert(logged.event.id).second) << logged.event.id << " was logged twice";
      continue;
    }
    const auto thread = logged.event.user.value.back() - '0';
    EXPECT_EQ(logged.event.item.value, std::to_string(next[thread]++)) << "a thread's events keep their order";
  }
  for (const auto& offsets : acknowledged) EXPECT_TRUE(std::ranges::is_sorted(offsets));
}

TEST_P(EventLogTest, LaterAnswersComeInTheOrderOfTheLogWithTheEventsTheyAnswer) {
  constexpr int kAppends = 200;
  std::vector<std::string> answered;  // on one thread of the log's; read when all have come
  std::vector<Offset> offsets;
  std::promise<void> all;
  for (int i = 0; i < kAppends; ++i) {
    log_->append_later({event(std::to_string(i)), event("")},
                       [&](std::vector<Event> events, Result<Appended> appended) {
                         ASSERT_TRUE(appended.ok());
                         EXPECT_EQ(appended->accepted, 2);
                         answered.push_back(events.front().id);
                         offsets.push_back(appended->offset);
                         if (answered.size() == kAppends) all.set_value();
                       });
  }
  all.get_future().wait();
  for (int i = 0; i < kAppends; ++i) {
    EXPECT_EQ(answered[i], std::to_string(i));
    EXPECT_EQ(offsets[i], 2 * (i + 1));
  }
  append({event("after")});  // by then what was answered before no longer waits
  EXPECT_LE(log_->waiting_events(), 1U);
}

TEST_P(EventLogTest, EveryAppendIsAnsweredBeforeTheLogIsGone) {
  constexpr int kAppends = 100;
  int answered = 0;
  for (int i = 0; i < kAppends; ++i) {
    log_->append_later({event(std::to_string(i))}, [&](const std::vector<Event>&, const Result<Appended>& appended) {
      answered += static_cast<int>(appended.ok());
    });
  }
  log_.reset();
  EXPECT_EQ(answered, kAppends);
  reopen();
  EXPECT_EQ(log_->last_offset().value(), kAppends);
}

TEST_P(EventLogTest, TwoHandlesOnOneLogShareItsOrder) {
  auto other = GetParam().open(folder_.path()).value();
  append({event("a")});
  EXPECT_EQ(other->append(std::vector{event("a"), event("b")}).value().duplicates, 1);
  EXPECT_EQ(append({event("b"), event("c")}).accepted, 1);
  EXPECT_EQ(other->last_offset().value(), 3);
  expect_no_holes(replay());
}

INSTANTIATE_TEST_SUITE_P(EventLog, EventLogTest, ::testing::Values(Backend{"local", open_local}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace zhiyin
