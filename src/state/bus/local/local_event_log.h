// The event log in one SQLite file (WAL, fsync on every commit).
#pragma once

#include <filesystem>
#include <memory>

#include "state/bus/event_log.h"

namespace zhiyin {

// Opens or creates the log. Group commit: a thread takes what waits into one transaction, so that all of it shares one
// fsync, and sizes the groups by what its commits cost (group_pace.h). If a transaction fails (disk full), exactly its
// appends get the error, nothing of theirs is logged, and the log goes on.
//
// Beside the file, FILE.ids holds what recognises a repeat (id_index.h): made from the log, and made again if deleted.
//
// Several processes may append to one log: each transaction reads the last offset under SQLite's write lock.
// replay() reads in chunks: it neither loads the whole log nor holds a lock while `visit` runs, which may call back.
Result<std::unique_ptr<EventLog>> open_local_log(const std::filesystem::path& path);

}  // namespace zhiyin
