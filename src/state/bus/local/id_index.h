// Which ids the log holds, and where: what recognises a repeat.
//
// An index inside the database would be written to at a random page for every random id, which costs more than all the
// rest of an append. Here the newest ids are in a table in memory; whenever the log has passed another kStretch offsets,
// a thread writes those of the stretch to a file, sorted (id_run.h), and joins files of one size by twos, so that there
// are few (the log-structured merge tree of O'Neil et al. 1996, without its levels on disk). Fingerprints only are kept:
// whoever looks compares the id itself with the event's at the offset that is told.
//
// The files are made from the log alone, each of a stretch that begins and ends at fixed offsets: they may be deleted at
// any time, two processes that write one write the same, and a file that is missing is made again by reading the log on.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "state/bus/local/id_run.h"
#include "state/bus/local/id_table.h"

namespace zhiyin {

struct IdIndexOptions {
  std::filesystem::path folder;  // made if it is not there
  Offset stretch = 1 << 18;      // offsets of a table, and of the smallest file
  int doublings = 4;             // the largest file has stretch << doublings offsets
};

// For one writer: add() and reach() are called by one thread, find() by the same.
class IdIndex {
 public:
  // Opens the files of a log that ends at `last`, as far as they follow one another from the log's beginning and
  // is_of_log says of their newest entry that the log has it. From known() on, the events are to be added.
  IdIndex(IdIndexOptions options, Offset last, const std::function<bool(const IdEntry&)>& is_of_log);
  ~IdIndex();
  IdIndex(const IdIndex&) = delete;
  IdIndex& operator=(const IdIndex&) = delete;

  // The events up to here are in it.
  [[nodiscard]] Offset known() const { return known_; }

  // In the order of offsets, each above known().
  void add(const IdEntry& entry);
  // There are no further ids up to this offset.
  void reach(Offset offset);

  // Calls visit(offset) for each place of the fingerprint until it says true; whether it did.
  template <typename Visit>
  bool find(std::uint64_t fingerprint, const Visit& visit) const {
    if (newest_->table.find(fingerprint, visit)) return true;
    const std::lock_guard lock(mutex_);
    for (const auto& stretch : full_) {
      if (stretch->table.find(fingerprint, visit)) return true;
    }
    for (const auto& run : runs_) {
      if (run->find(fingerprint, visit)) return true;
    }
    return false;
  }

  // Waits until every full stretch is a file, or cannot be.
  void settle() const;

 private:
  struct Stretch {
    Offset after;
    IdTable table;
  };

  void open_runs(Offset last, const std::function<bool(const IdEntry&)>& is_of_log);
  void write_stretches();
  std::shared_ptr<const IdRun> write(std::shared_ptr<const IdRun> run) const;
  bool join_last_two();
  [[nodiscard]] std::filesystem::path path_of(Offset after, Offset last) const;

  const IdIndexOptions options_;
  Offset known_ = 0;
  std::shared_ptr<Stretch> newest_;  // the stretch that known_ is in

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<std::shared_ptr<const Stretch>> full_;  // GUARDED_BY(mutex_): to be written, oldest first
  std::vector<std::shared_ptr<const IdRun>> runs_;   // GUARDED_BY(mutex_): oldest first
  bool is_closing_ = false;                          // GUARDED_BY(mutex_)
  bool is_writing_ = false;                          // GUARDED_BY(mutex_)
  std::jthread writer_;
};

}  // namespace zhiyin
