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

constexpr std::uint32_t kLogMark = 0x7a796576;

// Events on disk whose log was not closed: its newest are in the WAL alone. Returns how many.
int leave_unclosed(const std::filesystem::path& path) {
  constexpr int kEvents = 300;
  const TemporaryFolder folder;
  const auto log = open_log(folder / "events.db");
  for (int i = 0; i < kEvents; ++i) EXPECT_TRUE(log->append(std::vector{event(std::to_string(i))}).ok());
  for (const auto* end : {"", "-wal"})
    std::filesystem::copy_file((folder / "events.db").string() + end, path.string() + end);
  return kEvents;
}

std::vector<std::string> ids_of(const EventLog& log) {
  std::vector<std::string> ids;
  EXPECT_TRUE(log.replay(0, [&](const LoggedEvent& seen) { ids.push_back(seen.event.id); }).ok());
  return ids;
}

TEST(LocalEventLog, AWalWhoseEndIsDamagedLosesNoMoreThanThat) {
  const TemporaryFolder folder;
  const auto path = folder / "events.db";
  const int events = leave_unclosed(path);
  auto wal = read_file(path.string() + "-wal").value();
  for (std::size_t i = wal.size() - 2000; i < wal.size(); ++i) wal[i] = static_cast<char>(~wal[i]);
  ASSERT_TRUE(write_file_atomic(path.string() + "-wal", wal).ok());
  const auto log = open_log(path);
  const auto ids = ids_of(*log);
  EXPECT_GE(static_cast<int>(ids.size()), events - 1) << "the last commit is the one that was hit";
  EXPECT_LT(static_cast<int>(ids.size()), events);
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(ids[i], std::to_string(i));
  EXPECT_EQ(log->append(std::vector{event("after")})->offset, static_cast<Offset>(ids.size()) + 1);
}

TEST(LocalEventLog, ATornWriteAtTheEndOfTheWalIsNoDamage) {
  const TemporaryFolder folder;
  const auto path = folder / "events.db";
  const int events = leave_unclosed(path);
  std::ofstream(path.string() + "-wal", std::ios::app | std::ios::binary) << std::string(3000, '\x5a');
  EXPECT_EQ(static_cast<int>(ids_of(*open_log(path)).size()), events);
}

TEST(LocalEventLog, ADamagedLastPageIsNamedAndTheEventsBeforeItAreReadable) {
  const TemporaryFolder folder;
  const auto path = folder / "events.db";
  {
    const auto log = open_log(path);
    std::vector<Event> events(20'000, event(""));  // without ids: the table's pages are the last
    ASSERT_TRUE(log->append(events).ok());
  }
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-4096, std::ios::end);
    file << std::string(4096, '\x5a');
  }
  const auto log = open_log(path);
  std::size_t visits = 0;
  const auto replayed = log->replay(0, [&](const LoggedEvent&) { ++visits; });
  ASSERT_FALSE(replayed.ok());
  EXPECT_EQ(replayed.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(replayed.error().message.find("events.db"), std::string::npos) << replayed.error().message;
  EXPECT_NE(replayed.error().message.find("restore a backup"), std::string::npos) << replayed.error().message;
}

TEST(LocalEventLog, ALogOfANewerVersionIsLeftAlone) {
  const TemporaryFolder folder;
  const auto path = folder / "events.db";
  ASSERT_TRUE(open_log(path)->append(std::vector{event("1")}).ok());
  constexpr std::array<std::string_view, 3> kNewer = {"", "", "CREATE TABLE news(x)"};
  ASSERT_TRUE(sqlite::Database::open({.path = path, .application_id = kLogMark, .schema = kNewer}).ok());
  const auto before = read_file(path).value();
  const auto opened = open_local_log(path);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kConflict);
  EXPECT_NE(opened.error().message.find("newer version"), std::string::npos) << opened.error().message;
  EXPECT_EQ(read_file(path).value(), before);
}

TEST(LocalEventLog, ALogOfTheFirstVersionIsBroughtUpToDate) {
  const TemporaryFolder folder;
  const auto path = folder / "events.db";
  {
    constexpr std::array<std::string_view, 1> kFirst = {R"sql(
      CREATE TABLE events(offset INTEGER PRIMARY KEY, id TEXT, type INTEGER NOT NULL, user TEXT NOT NULL,
        item TEXT NOT NULL, value REAL, time INTEGER NOT NULL, text TEXT NOT NULL, recommendation TEXT NOT NULL);
      CREATE UNIQUE INDEX events_id ON events(id) WHERE id IS NOT NULL;)sql"};
    const auto old = sqlite::Database::open({.path = path, .application_id = kLogMark, .schema = kFirst});
    ASSERT_TRUE(old.ok());
    ASSERT_TRUE((*old)->run("INSERT INTO events VALUES(1, 'old', 3, 'ann', 'song', NULL, 5, '', 'r-1')").ok());
  }
  const auto log = open_log(path);
  EXPECT_EQ(log->append(std::vector{event("old"), event("new")})->duplicates, 1);
  EXPECT_EQ(ids_of(*log), (std::vector<std::string>{"old", "new"}));
}

TEST(LocalEventLog, SaysWhichEventIsMissing) {
  const TemporaryFolder folder;
  const auto path = folder / "events.db";
  const auto log = open_log(path);
  ASSERT_TRUE(log->append(std::vector{event("1"), event("2"), event("3")}).ok());
  {
    constexpr std::array<std::string_view, 2> kSchema = {"", ""};
    const auto hand = sqlite::Database::open({.path = path, .application_id = kLogMark, .schema = kSchema});
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
