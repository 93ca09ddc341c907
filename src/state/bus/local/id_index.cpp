#include "state/bus/local/id_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/log.h"

namespace zhiyin {

IdIndex::IdIndex(IdIndexOptions options, Offset last, const std::function<bool(const IdEntry&)>& is_of_log)
    : options_(std::move(options)) {
  std::error_code ignored;
  std::filesystem::create_directories(options_.folder, ignored);  // without it the files are kept in memory
  open_runs(last, is_of_log);
  newest_ = std::make_shared<Stretch>(known_, IdTable(static_cast<std::size_t>(options_.stretch)));
  writer_ = std::jthread([this] { write_stretches(); });
}

IdIndex::~IdIndex() {
  const std::lock_guard lock(mutex_);
  is_closing_ = true;
  changed_.notify_all();
}

// The largest file at each step; what is no use any more is deleted.
void IdIndex::open_runs(Offset last, const std::function<bool(const IdEntry&)>& is_of_log) {
  for (bool found = true; found;) {
    found = false;
    for (int doublings = options_.doublings; doublings >= 0 && !found; --doublings) {
      const auto end = known_ + (options_.stretch << doublings);
      const bool is_aligned = known_ % (options_.stretch << doublings) == 0;
      if (!is_aligned || end > last) continue;
      auto run = IdRun::open(path_of(known_, end));
      if (!run.ok() || (*run)->after() != known_ || (*run)->last() != end) continue;
      const auto newest = (*run)->newest();
      if (newest.offset != 0 && !is_of_log(newest)) continue;
      runs_.push_back(std::move(*run));
      known_ = end;
      found = true;
    }
  }
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(options_.folder, ignored)) {
    const bool is_used =
        std::ranges::any_of(runs_, [&](const auto& run) { return file.path() == path_of(run->after(), run->last()); });
    if (!is_used) std::filesystem::remove(file.path(), ignored);
  }
}

void IdIndex::add(const IdEntry& entry) {
  assert(entry.offset > known_);
  reach(entry.offset - 1);
  newest_->table.add(entry);
  reach(entry.offset);
}

void IdIndex::reach(Offset offset) {
  known_ = std::max(known_, offset);
  while (known_ >= newest_->after + options_.stretch) {
    const auto after = newest_->after + options_.stretch;
    auto next = std::make_shared<Stretch>(after, IdTable(static_cast<std::size_t>(options_.stretch)));
    const std::lock_guard lock(mutex_);
    full_.push_back(std::exchange(newest_, std::move(next)));
    changed_.notify_all();
  }
}

void IdIndex::settle() const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return full_.empty() && !is_writing_; });
}

// The writer's thread. Only it takes from full_ and changes runs_.
void IdIndex::write_stretches() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return is_closing_ || !full_.empty(); });
    if (is_closing_) return;  // what is not written yet is read from the log next time
    is_writing_ = true;
    const auto stretch = full_.front();
    lock.unlock();
    auto run = write(IdRun::make(stretch->after, stretch->after + options_.stretch, stretch->table.sorted()));
    lock.lock();
    runs_.push_back(std::move(run));
    full_.pop_front();
    lock.unlock();
    while (join_last_two()) {
    }
    lock.lock();
    is_writing_ = false;
    changed_.notify_all();
  }
}

// The run as a file; as it is where it cannot be written.
std::shared_ptr<const IdRun> IdIndex::write(std::shared_ptr<const IdRun> run) const {
  const auto path = path_of(run->after(), run->last());
  if (const auto written = run->write(path); !written.ok()) {
    log_warning("ids of events stay in memory: {}", written.error().message);
    return run;
  }
  auto file = IdRun::open(path);
  return file.ok() ? std::move(*file) : std::move(run);
}

// If they are of one size and begin where a run of twice that size does.
bool IdIndex::join_last_two() {
  std::unique_lock lock(mutex_);
  if (runs_.size() < 2 || is_closing_) return false;
  const auto a = runs_[runs_.size() - 2];
  const auto b = runs_[runs_.size() - 1];
  lock.unlock();
  const auto size = b->last() - b->after();
  const bool is_pair = a->last() - a->after() == size && a->after() % (2 * size) == 0;
  if (!is_pair || 2 * size > options_.stretch << options_.doublings) return false;
  auto joined = write(IdRun::join(*a, *b));
  lock.lock();
  runs_.pop_back();
  runs_.back() = std::move(joined);
  lock.unlock();
  std::error_code ignored;
  for (const auto& run : {a, b}) std::filesystem::remove(path_of(run->after(), run->last()), ignored);
  return true;
}

std::filesystem::path IdIndex::path_of(Offset after, Offset last) const {
  return options_.folder / fmt::format("{}-{}.ids", after, last);
}

}  // namespace zhiyin
