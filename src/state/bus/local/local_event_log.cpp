#include "state/bus/local/local_event_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/counters.h"
#include "base/sqlite.h"
#include "base/sqlite_readers.h"
#include "state/bus/local/checkpoints.h"
#include "state/bus/local/group_pace.h"
#include "state/bus/local/id_index.h"

namespace zhiyin {
namespace {

using sqlite::Borrowed;

// `type` is the position in EventType: names may be added at its end, never moved. An event without an id has NULL
// there. Repeats were once found by an index here, now by id_index.h.
constexpr std::array<std::string_view, 2> kSchema = {R"sql(
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
)sql",
                                                     R"sql(
  ALTER TABLE events ADD COLUMN source TEXT NOT NULL DEFAULT '';
  DROP INDEX events_id;
)sql"};

constexpr std::string_view kInsert =
    "INSERT INTO events(offset, id, type, user, item, value, time, text, recommendation, source) "
    "VALUES(?,?,?,?,?,?,?,?,?,?)";
constexpr std::string_view kSelect =
    "SELECT offset, id, type, user, item, value, time, text, recommendation, source FROM events "
    "WHERE offset > ? AND offset <= ? ORDER BY offset LIMIT ?";
constexpr std::string_view kIds =
    "SELECT offset, id FROM events WHERE offset > ? AND offset <= ? AND id IS NOT NULL ORDER BY offset";
constexpr std::string_view kIdAt = "SELECT id FROM events WHERE offset = ?";
constexpr std::string_view kLast = "SELECT max(offset) FROM events";

constexpr int kReplayChunk = 4096;  // events in memory at a time

Histogram& commit_seconds() {
  static auto& seconds = histogram("zhiyin_log_commit_seconds", "What a commit of the event log takes, fsync and all.");
  return seconds;
}

sqlite::Options options_of(const std::filesystem::path& path) {
  return {.path = path,
          .application_id = 0x7a796576,  // "zyev"
          .schema = kSchema,
          .cache_mib = 16,         // the largest transaction; who appends does not look back
          .checkpoint_pages = 0};  // checkpoints.h does it
}

// A replay reads the log from one end to the other: what it has read is not worth keeping.
sqlite::Options for_replay(sqlite::Options options) {
  options.cache_mib = 4;
  return options;
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
  event.source = row.text(9);
  return logged;
}

// Two threads: one commits, the other answers what was committed while the next group is being written.
class LocalEventLog final : public EventLog {
 public:
  LocalEventLog(std::unique_ptr<sqlite::Database> writer, const sqlite::Options& options)
      : writer_(std::move(writer)), readers_(for_replay(options)) {
    committer_ = std::jthread([this] { commit_groups(); });
    answerer_ = std::jthread([this] { answer_groups(); });
  }
  ~LocalEventLog() override {
    {
      const std::lock_guard lock(mutex_);
      is_closing_ = true;
    }
    arrived_.notify_all();
    committed_.notify_all();
  }

  void append_later(std::vector<Event> events, AppendDone done) override {
    const std::lock_guard lock(mutex_);
    waiting_events_ += events.size();
    queued_events_ += events.size();
    queue_.push_back({std::move(events), std::move(done)});
    if (queue_.size() == 1 || is_worth_committing()) arrived_.notify_one();
  }

  std::size_t waiting_events() const override { return waiting_events_; }

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
  struct Append {
    std::vector<Event> events;
    AppendDone done;
    Result<Appended> result = Appended{};
  };
  using Group = std::vector<Append>;

  void commit_groups() {
    for (auto group = next_group(); !group.empty(); group = next_group()) {
      commit(group);
      {
        const std::lock_guard lock(mutex_);
        std::ranges::move(group, std::back_inserter(answers_));
        committed_.notify_one();
      }
      checkpoints_.committed(*writer_);
    }
    const std::lock_guard lock(mutex_);
    is_committed_ = true;
    committed_.notify_one();
  }

  // Whether nothing is to be gained by waiting for more. Needs the lock.
  [[nodiscard]] bool is_worth_committing() const {
    return queue_.size() >= pace_.expected_appends() || queued_events_ > pace_.enough_events();
  }

  // The front of the queue; empty when the log is closed and nothing waits.
  Group next_group() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return is_closing_ || !queue_.empty(); });
    arrived_.wait_for(lock, std::chrono::duration<double>(pace_.wait_s()),
                      [&] { return is_closing_ || is_worth_committing(); });
    Group group;
    std::size_t events = 0;
    while (!queue_.empty()) {
      if (!group.empty() && events + queue_.front().events.size() > pace_.most_events()) break;
      events += queue_.front().events.size();
      queued_events_ -= queue_.front().events.size();
      group.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    return group;
  }

  // One transaction. If it fails, all of the group get the error, and nothing of theirs is logged.
  void commit(Group& group) {
    const Stopwatch watch;
    double written_s = 0;
    std::size_t events = 0;
    for (const auto& append : group) events += append.events.size();
    NewIds ids(events);
    const auto done = [&]() -> Result<void> {
      if (ids_ == nullptr)
        ZY_CHECK_OK(learn_ids());  // the first time there is more to read than a lock should wait for
      ZY_TRY(auto transaction, sqlite::Transaction::begin(*writer_));
      ZY_TRY(auto last, learn_ids());
      {
        ZY_TRY(auto insert, writer_->query(kInsert));
        for (auto& append : group) ZY_CHECK_OK(write(append.events, insert, last, ids, append.result.value()));
      }
      written_s = watch.seconds();
      ZY_CHECK_OK(transaction.commit());
      for (const auto& entry : ids.entries) ids_->add(entry);
      ids_->reach(last);
      return {};
    }();
    const double commit_s = watch.seconds() - written_s;
    if (done.ok()) {
      commit_seconds().observe(commit_s);
      const std::lock_guard lock(mutex_);
      pace_.committed(group.size(), events, queue_.size(), written_s, commit_s);
    } else {
      for (auto& append : group) append.result = done.error();
    }
  }

  // The ids of a transaction that is not committed yet.
  struct NewIds {
    explicit NewIds(std::size_t most) : table(most) {}
    void add(const IdEntry& entry) {
      table.add(entry);
      entries.push_back(entry);
    }
    IdTable table;
    std::vector<IdEntry> entries;
  };

  // Takes in the ids that others have logged, at first all of them that are in no file. Returns the log's last offset.
  Result<Offset> learn_ids() {
    ZY_TRY(const auto last, last_offset_of(*writer_));
    if (ids_ == nullptr) {
      const auto is_ours = [&](const IdEntry& newest) {
        const auto id = id_at(newest.offset);
        return id.ok() && id_fingerprint(*id) == newest.fingerprint;
      };
      ids_ = std::make_unique<IdIndex>(IdIndexOptions{.folder = writer_->path().string() + ".ids"}, last, is_ours);
    }
    if (ids_->known() >= last) return last;
    ZY_TRY(auto rows, writer_->query(kIds));
    rows.bind(ids_->known(), last);
    for (;;) {
      ZY_TRY(const bool row, rows.step());
      if (!row) break;
      ids_->add({id_fingerprint(rows.text_view(1)), rows.integer(0)});
    }
    ids_->reach(last);
    return last;
  }

  Result<std::string> id_at(Offset offset) {
    ZY_TRY(auto query, writer_->query(kIdAt));
    query.bind(offset);
    ZY_CHECK_OK(query.step());
    return query.text(0);
  }

  Result<bool> is_logged(std::string_view id, std::uint64_t fingerprint, const NewIds& ids) {
    Result<void> read;
    const auto is_same = [&](Offset offset) {
      const auto there = id_at(offset);
      if (!there.ok()) read = there.error();
      return !there.ok() || *there == id;
    };
    const bool found = ids.table.find(fingerprint, is_same) || ids_->find(fingerprint, is_same);
    ZY_CHECK_OK(read);
    return found;
  }

  Result<void> write(std::span<const Event> events, sqlite::Query& insert, Offset& last, NewIds& ids,
                     Appended& appended) {
    appended.duplicate.assign(events.size(), false);
    for (std::size_t i = 0; i < events.size(); ++i) {
      const auto& event = events[i];
      if (!event.id.empty()) {
        const auto fingerprint = id_fingerprint(event.id);
        ZY_TRY(const bool repeated, is_logged(event.id, fingerprint, ids));
        if (repeated) {
          appended.duplicate[i] = true;
          ++appended.duplicates;
          continue;
        }
        ids.add({fingerprint, last + 1});
      }
      const auto id = event.id.empty() ? std::nullopt : std::optional(Borrowed{event.id});
      insert.bind(++last, id, static_cast<int>(event.type), Borrowed{event.user.value}, Borrowed{event.item.value},
                  event.value, event.time, Borrowed{event.text}, Borrowed{event.recommendation},
                  Borrowed{event.source});
      ZY_CHECK_OK(insert.run());
      ++appended.accepted;
    }
    appended.offset = last;
    return {};
  }

  void answer_groups() {
    for (;;) {
      Group group;
      {
        std::unique_lock lock(mutex_);
        committed_.wait(lock, [&] { return is_committed_ || !answers_.empty(); });
        if (answers_.empty()) return;
        group = std::exchange(answers_, {});
      }
      for (auto& append : group) {
        const auto events = append.events.size();
        append.done(std::move(append.events), std::move(append.result));
        waiting_events_ -= events;
      }
    }
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

  std::unique_ptr<sqlite::Database> writer_;  // the committer's alone, as is ids_
  std::unique_ptr<IdIndex> ids_;              // made by the first commit: who only reads needs none
  mutable sqlite::Readers readers_;
  Checkpoints checkpoints_{readers_};
  std::atomic<std::size_t> waiting_events_{0};

  std::mutex mutex_;
  std::condition_variable arrived_;    // something for the committer
  std::condition_variable committed_;  // something for the answerer
  std::deque<Append> queue_;           // GUARDED_BY(mutex_)
  std::size_t queued_events_ = 0;      // GUARDED_BY(mutex_): in queue_
  Group answers_;                      // GUARDED_BY(mutex_): committed, not answered yet
  GroupPace pace_;                     // GUARDED_BY(mutex_)
  bool is_closing_ = false;            // GUARDED_BY(mutex_)
  bool is_committed_ = false;          // GUARDED_BY(mutex_): nothing more will be
  std::jthread answerer_;
  std::jthread committer_;  // joined first: the answerer answers what it leaves
};

}  // namespace

Result<std::unique_ptr<EventLog>> open_local_log(const std::filesystem::path& path) {
  const auto options = options_of(path);
  ZY_TRY(auto writer, sqlite::Database::open(options));
  return std::unique_ptr<EventLog>(std::make_unique<LocalEventLog>(std::move(writer), options));
}

}  // namespace zhiyin
