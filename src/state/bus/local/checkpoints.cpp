#include "state/bus/local/checkpoints.h"

#include "base/counters.h"
#include "base/log.h"

namespace zhiyin {
namespace {

constexpr int kPasses = 2;  // the second moves what was committed during the first

Histogram& seconds_of(const char* part) {
  return histogram("zhiyin_log_checkpoint_seconds",
                   "Moving the write-ahead log of events into its file: most beside the commits, the rest between two.",
                   {{"part", part}});
}

// Somebody else who is at it does as well.
void move_pages(sqlite::Database& database) {
  const auto moved = database.checkpoint();
  if (!moved.ok() && moved.error().code != ErrorCode::kUnavailable)
    log_warning("the write-ahead log grows on: {}", moved.error().message);
}

}  // namespace

Checkpoints::Checkpoints(sqlite::Readers& readers, CheckpointOptions options)
    : readers_(readers), options_(options), thread_([this] { run(); }) {}

Checkpoints::~Checkpoints() {
  {
    const std::lock_guard lock(mutex_);
    is_closing_ = true;
  }
  changed_.notify_all();
}

void Checkpoints::committed(sqlite::Database& writer) {
  static auto& seconds = seconds_of("rest");
  const int pages = writer.wal_pages();
  if (pages < moved_pages_) moved_pages_ = 0;  // it has begun anew
  const int waiting = pages - moved_pages_;
  if (waiting < options_.pages) return;
  std::unique_lock lock(mutex_);
  if (state_ == State::kIdle) {
    state_ = State::kDue;
    changed_.notify_all();
  }
  if (waiting >= options_.most_pages) changed_.wait(lock, [&] { return state_ == State::kRest; });
  if (state_ != State::kRest) return;
  state_ = State::kIdle;
  lock.unlock();
  const Timed timed(seconds);
  move_pages(writer);
  moved_pages_ = pages;  // whatever became of it: not again at the next commit
}

void Checkpoints::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return is_closing_ || state_ == State::kDue; });
    if (is_closing_) return;
    lock.unlock();
    move_most();
    lock.lock();
    state_ = State::kRest;
    changed_.notify_all();
  }
}

void Checkpoints::move_most() {
  static auto& seconds = seconds_of("most");
  const Timed timed(seconds);
  const auto reader = readers_.lend();
  if (!reader.ok()) return log_warning("the write-ahead log grows on: {}", reader.error().message);
  for (int pass = 0; pass < kPasses; ++pass) move_pages(**reader);
}

}  // namespace zhiyin
