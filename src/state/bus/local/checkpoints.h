// Moves the write-ahead log of the event log into its file, beside the commits.
//
// SQLite by itself has the commit that fills the log do it, and whoever appended waits for thousands of pages to be
// written and for the file to be synced. Here a thread moves nearly all of it while commits go on, and what was committed
// meanwhile, a few pages, is moved between two commits: only when the last page is in the file does SQLite write the log
// from its beginning again, and a stream of commits never lets another thread catch the last one.
//
// When a commit is durable does not change: the log is synced by each commit as before, and nothing of it is overwritten
// until the file is synced. A checkpoint that fails costs space, nothing else; it is tried again.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/sqlite.h"
#include "base/sqlite_readers.h"

namespace zhiyin {

struct CheckpointOptions {
  int pages = 16'000;       // that wait in the log, 64 MiB, before they are moved: the rarer, the fewer syncs
  int most_pages = 64'000;  // where the disk cannot keep up with so many, commits wait for it
};

class Checkpoints {
 public:
  // `readers` must outlive this.
  explicit Checkpoints(sqlite::Readers& readers, CheckpointOptions options = {});
  ~Checkpoints();
  Checkpoints(const Checkpoints&) = delete;
  Checkpoints& operator=(const Checkpoints&) = delete;

  // To be called by the committing thread after each commit of `writer`, which was opened with checkpoint_pages = 0.
  void committed(sqlite::Database& writer);

 private:
  enum class State { kIdle, kDue, kRest };  // nothing to do; the thread moves pages; the committer moves what is left

  void run();
  void move_most();

  sqlite::Readers& readers_;
  const CheckpointOptions options_;
  int moved_pages_ = 0;  // the committer's: of the log as it was after the last checkpoint
  std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::kIdle;  // GUARDED_BY(mutex_)
  bool is_closing_ = false;     // GUARDED_BY(mutex_)
  std::jthread thread_;
};

}  // namespace zhiyin
