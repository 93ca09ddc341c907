// What the local log does when the machine misbehaves: killed at any moment, no space, a file that is not its own.
#include "state/bus/local/local_event_log.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "base/file.h"
#include "base/random.h"
#include "base/sqlite.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

Event event(std::string id) {
  Event made;
  made.id = std::move(id);
  made.user = UserId("ann");
  made.item = ItemId("song");
  return made;
}

std::unique_ptr<EventLog> open_log(const std::filesystem::path& path) {
  auto opened = open_local_log(path);
  EXPECT_TRUE(opened.ok()) << opened.error().message;
  return std::move(opened).value();
}

// What a writer was told: the event of this number has this offset. Small enough for one write to a pipe.
struct Acknowledged {
  std::int64_t number;
  Offset offset;
};

// In a child process: appends on three threads until it is killed, and reports each acknowledgement to the pipe.
[[noreturn]] void append_for_ever(const std::filesystem::path& path, std::int64_t first, int pipe) {
  auto opened = open_local_log(path);
  if (!opened.ok()) _exit(1);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::int64_t number = first + thread;; number += 3) {
        const auto appended = (*opened)->append(std::vector{event(std::to_string(number))});
        if (!appended.ok()) _exit(1);
        // Another thread's events may share the group, so the offset is an upper bound of this event's own.
        const Acknowledged said{number, appended->offset};
        if (write(pipe, &said, sizeof said) != sizeof said) _exit(1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  _exit(0);
}

TEST(LocalEventLog, KeepsEveryAcknowledgedEventThroughKill9) {
  const TemporaryFolder folder;
  const auto path = folder / "events.db";
  const std::uint64_t seed = 20'240'611;
  Random random(seed);
  std::vector<Acknowledged> acknowledged;
  for (int round = 0; round < 3; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const auto child = fork();
    if (child == 0) {
      close(ends[0]);
      alarm(20);  // should this test die first
      append_for_ever(path, (round + 1) * 1'000'000, ends[1]);
    }
    close(ends[1]);
    const auto enough = acknowledged.size() + 20 + random.below(200);
    Acknowledged said{};
    while (acknowledged.size() < enough && read(ends[0], &said, sizeof said) == sizeof said)
      acknowledged.push_back(said);
    kill(child, SIGKILL);
    while (read(ends[0], &said, sizeof said) == sizeof said) acknowledged.push_back(said);
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer failed before it was killed";

    std::unordered_map<std::string, Offset> logged;
    Offset next = 1;
    const auto log = open_log(path);
    const auto replayed = log->replay(0, [&](const LoggedEvent& seen) {
      EXPECT_EQ(seen.offset, next++);
      EXPECT_TRUE(logged.emplace(seen.event.id, seen.offset).second) << "logged twice: " << seen.event.id;
    });
    ASSERT_TRUE(replayed.ok()) << replayed.error().message;
    for (const auto& [number, offset] : acknowledged) {
      const auto found = logged.find(std::to_string(number));
      ASSERT_NE(found, logged.end()) << "acknowledged and lost: " << number << " in round " << round;
      EXPECT_LE(found->second, offset);
    }
  }
}

// Limits the size of files that this process may write, as a full disk would.
class FullDisk {
 public:
  explicit FullDisk(std::uintmax_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    auto limit = before_;
    limit.rlim_cur = bytes;
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

TEST(LocalEventLog, AFullDiskIsAnErrorAndNotTheEnd) {
  const TemporaryFolder folder;
  const auto path = folder / "events.db";
  const auto log = open_log(path);
  ASSERT_TRUE(log->append(std::vector{event("before")}).ok());
  std::vector<Event> many;
  for (int i = 0; i < 20'000; ++i) many.push_back(event("many " + std::to_string(i)));
  {
    const FullDisk full(256 * 1024);
    const auto refused = log->append(many);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kNoSpace);
    EXPECT_NE(refused.error().message.find("events.db"), std::string::npos) << refused.error().message;
    EXPECT_EQ(log->last_offset().value(), 1) << "nothing of a refused append is kept";
    EXPECT_TRUE(log->append(std::vector{event("small")}).ok()) << "what still fits is still taken";
  }
  const auto later = log->append(many);
  ASSERT_TRUE(later.ok()) << later.error().message;
  EXPECT_EQ(later->accepted, 20'000) << "the refused events are not duplicates";
  EXPECT_EQ(later->offset, 20'002);
}

TEST(LocalEventLog, OnAFullDiskExactlyTheRefusedAppendsAreMissing) {
  const TemporaryFolder folder;
  const auto log = open_log(folder / "events.db");
  constexpr int kThreads = 6, kAppends = 40;
  std::vector<std::vector<std::string>> accepted(kThreads);
  int refused = 0;
  std::mutex mutex;
  {
    const FullDisk full(400 * 1024);
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < kAppends; ++i) {
          auto sent = event(std::to_string(thread) + "-" + std::to_string(i));
          sent.text = std::string(4'000, 'x');
          if (log->append(std::vector{sent}).ok()) {
            accepted[thread].push_back(sent.id);
          } else {
            const std::lock_guard lock(mutex);
            ++refused;
          }
        }
      });
    }
  }
  EXPECT_GT(refused, 0);
  std::unordered_map<std::string, int> logged;
  ASSERT_TRUE(log->replay(0, [&](const LoggedEvent& seen) { ++logged[seen.event.id]; }).ok());
  std::size_t expected = 0;
  for (const auto& ids : accepted) {
    expected += ids.size();
    for (const auto& id : ids) EXPECT_EQ(logged[id], 1) << id;
  }
  EXPECT_EQ(logged.size(), expected);
  EXPECT_TRUE(log->append(std::vector{event("after")}).ok());
}

TEST(LocalEventLog, RefusesAFileThatIsNotALog) {
  const TemporaryFolder folder;
  const auto path = folder / "events.db";
  std::ofstream(path) << "these are not events";
  const auto opened = open_local_log(path);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(opened.error().message.find("events.db"), std::string::npos);
  EXPECT_EQ(read_file(path).value(), "these are not events");
}

TEST(LocalEventLog, SaysWhichEventIsMissing) {
  const TemporaryFolder folder;
  const auto path = folder / "events.db";
  const auto log = open_log(path);
  ASSERT_TRUE(log->append(std::vector{event("1"), event("2"), event("3")}).ok());
  {
    constexpr std::array<std::string_view, 1> kSchema = {""};
    const auto hand = sqlite::Database::open({.path = path, .application_id = 0x7a796576, .schema = kSchema});
    ASSERT_TRUE(hand.ok() && (*hand)->run("DELETE FROM events WHERE offset = 2").ok());
  }
  int visits = 0;
  const auto replayed = log->replay(0, [&](const LoggedEvent&) { ++visits; });
  ASSERT_FALSE(replayed.ok());
  EXPECT_EQ(replayed.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(replayed.error().message.find("event 2 is missing"), std::string::npos) << replayed.error().message;
  EXPECT_EQ(visits, 1);
}

}  // namespace
}  // namespace zhiyin
