// The event log in one SQLite file (WAL, fsync on every commit).
#pragma once

#include <filesystem>
#include <memory>

#include "state/bus/event_log.h"

namespace zhiyin {

// Opens or creates the log. Group commit: of the threads that wait in append(), the first takes the events of all into
// one transaction, so they share one fsync; each gets its own answer. If that transaction fails (disk full), exactly
// its appenders get the error, nothing of theirs is logged, and the log goes on.
//
// Several processes may append to one log: each transaction reads the last offset under SQLite's write lock.
// replay() reads in chunks: it neither loads the whole log nor holds a lock while `visit` runs, which may call back.
Result<std::unique_ptr<EventLog>> open_local_log(const std::filesystem::path& path);

}  // namespace zhiyin
