#include "state/bus/local/local_event_log.h"

#include <fmt/format.h>

#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "base/sqlite.h"
#include "base/sqlite_readers.h"

namespace zhiyin {
namespace {

using sqlite::Borrowed;

// `type` is the position in EventType: names may be added at its end, never moved. An event without an id has NULL
// there, so that the index over ids holds only what can repeat.
constexpr std::array<std::string_view, 1> kSchema = {R"sql(
  CREATE TABLE events(
    offset INTEGER PRIMARY KEY,
    id TEXT,
    type INTEGER NOT NULL,
    user TEXT NOT NULL,
    item TEXT NOT NULL,
    value REAL,
    time INTEGER NOT NULL,
    text TEXT NOT NULL,
    recommendation TEXT NOT NULL);
  CREATE UNIQUE INDEX events_id ON events(id) WHERE id IS NOT NULL;
)sql"};

constexpr std::string_view kInsert =
    "INSERT INTO events(offset, id, type, user, item, value, time, text, recommendation) VALUES(?,?,?,?,?,?,?,?,?) "
    "ON CONFLICT(id) WHERE id IS NOT NULL DO NOTHING";
constexpr std::string_view kSelect =
    "SELECT offset, id, type, user, item, value, time, text, recommendation FROM events "
    "WHERE offset > ? AND offset <= ? ORDER BY offset LIMIT ?";
constexpr std::string_view kLast = "SELECT max(offset) FROM events";

constexpr std::size_t kGroupEvents =
    50'000;                         // a transaction grows no further: it bounds the wait of its first appender
constexpr int kReplayChunk = 4096;  // events in memory at a time

sqlite::Options options_of(const std::filesystem::path& path) {
  return {.path = path,
          .application_id = 0x7a796576,  // "zyev"
          .schema = kSchema,
          .cache_mib = 64,
          .checkpoint_pages = 4000};
}

Result<Offset> last_offset_of(sqlite::Database& database) {
  ZY_TRY(auto query, database.query(kLast));
  ZY_CHECK_OK(query.step());
  return query.integer(0);  // NULL of an empty table reads as 0
}

Result<LoggedEvent> read_row(const sqlite::Query& row) {
  const auto type = row.integer(2);
  if (type < 0 || type >= static_cast<std::int64_t>(kEventTypeNames.size())) {
    return corrupt(
        fmt::format("event {} has the unknown type {}: use the version of zhiyin that wrote it", row.integer(0), type));
  }
  LoggedEvent logged{.offset = row.integer(0)};
  auto& event = logged.event;
  event.id = row.text(1);
  event.type = static_cast<EventType>(type);
  event.user.value = row.text(3);
  event.item.value = row.text(4);
  if (!row.is_null(5)) event.value = row.real(5);
  event.time = row.integer(6);
  event.text = row.text(7);
  event.recommendation = row.text(8);
  return logged;
}

class LocalEventLog final : public EventLog {
 public:
  LocalEventLog(std::unique_ptr<sqlite::Database> writer, const sqlite::Options& options)
      : writer_(std::move(writer)), readers_(options) {}

  Result<Appended> append(std::span<const Event> events) override {
    Waiting mine{.events = events};
    std::unique_lock lock(mutex_);
    queue_.push_back(&mine);
    mine.turn.wait(lock, [&] { return mine.done || queue_.front() == &mine; });
    if (!mine.done) lead(lock);
    return std::move(mine.result);
  }

  Result<void> replay(Offset after, const std::function<void(const LoggedEvent&)>& visit) const override {
    ZY_TRY(const auto last, last_offset());
    std::vector<LoggedEvent> chunk;
    while (after < last) {
      chunk.clear();
      ZY_CHECK_OK(read_chunk(after, last, chunk));
      for (const auto& logged : chunk) visit(logged);
      after = chunk.back().offset;
    }
    return {};
  }

  Result<Offset> last_offset() const override {
    ZY_TRY(const auto reader, readers_.lend());
    return last_offset_of(*reader);
  }

 private:
  // An appender in the queue. The one in front leads; it alone uses writer_.
  struct Waiting {
    std::span<const Event> events;
    Result<Appended> result = Appended{};
    bool done = false;
    std::condition_variable turn = {};  // woken when done, or when in front
  };

  // Commits the front of the queue, the caller's events first among it, and wakes whoever it served and the next
  // leader.
  void lead(std::unique_lock<std::mutex>& lock) {
    std::vector<Waiting*> group;
    std::size_t events = 0;
    for (auto* waiting : queue_) {
      if (!group.empty() && events + waiting->events.size() > kGroupEvents) break;
      group.push_back(waiting);
      events += waiting->events.size();
    }
    lock.unlock();
    const auto committed = commit(group);
    lock.lock();
    for (auto* waiting : group) {
      queue_.pop_front();
      if (!committed.ok()) waiting->result = committed.error();
      waiting->done = true;
      waiting->turn.notify_one();
    }
    if (!queue_.empty()) queue_.front()->turn.notify_one();
  }

  Result<void> commit(std::span<Waiting* const> group) {
    ZY_TRY(auto transaction, sqlite::Transaction::begin(*writer_));
    ZY_TRY(auto last, last_offset_of(*writer_));
    {
      ZY_TRY(auto insert, writer_->query(kInsert));
      for (auto* waiting : group) ZY_CHECK_OK(write(waiting->events, insert, last, waiting->result.value()));
    }
    return transaction.commit();
  }

  Result<void> write(std::span<const Event> events, sqlite::Query& insert, Offset& last, Appended& appended) {
    appended.duplicate.assign(events.size(), false);
    for (std::size_t i = 0; i < events.size(); ++i) {
      const auto& event = events[i];
      const auto id = event.id.empty() ? std::nullopt : std::optional(Borrowed{event.id});
      insert.bind(last + 1, id, static_cast<int>(event.type), Borrowed{event.user.value}, Borrowed{event.item.value},
                  event.value, event.time, Borrowed{event.text}, Borrowed{event.recommendation});
      ZY_CHECK_OK(insert.run());
      if (writer_->changes() == 0) {
        appended.duplicate[i] = true;
        ++appended.duplicates;
      } else {
        ++last;
        ++appended.accepted;
      }
    }
    appended.offset = last;
    return {};
  }

  // Appends to `chunk` the events after `after`, at least one. A hole in the offsets is damage.
  Result<void> read_chunk(Offset after, Offset last, std::vector<LoggedEvent>& chunk) const {
    ZY_TRY(const auto reader, readers_.lend());
    ZY_TRY(auto rows, reader->query(kSelect));
    rows.bind(after, last, kReplayChunk);
    for (;;) {
      ZY_TRY(const bool row, rows.step());
      if (!row) break;
      ZY_TRY(auto logged, read_row(rows).in(reader->path().string()));
      if (logged.offset != after + 1) break;
      after = logged.offset;
      chunk.push_back(std::move(logged));
    }
    if (chunk.empty()) {
      return corrupt(fmt::format("{}: event {} is missing: restore a backup", reader->path().string(), after + 1));
    }
    return {};
  }

  std::mutex mutex_;
  std::deque<Waiting*> queue_;                // GUARDED_BY(mutex_)
  std::unique_ptr<sqlite::Database> writer_;  // used by the leader alone
  mutable sqlite::Readers readers_;
};

}  // namespace

Result<std::unique_ptr<EventLog>> open_local_log(const std::filesystem::path& path) {
  const auto options = options_of(path);
  ZY_TRY(auto writer, sqlite::Database::open(options));
  return std::unique_ptr<EventLog>(std::make_unique<LocalEventLog>(std::move(writer), options));
}

}  // namespace zhiyin
