// `zhiyin scan --watch`: scans again whenever something changed below the folders.
//
// A file is taken when it has been quiet: not changed for `quiet_s`, by its modification time or, where clocks
// disagree, as this process saw it. One that pauses longer and goes on is taken again when it has changed.
#pragma once

#include <functional>
#include <span>

#include "feed/ingest/scan.h"

namespace zhiyin {

struct WatchOptions {
  double quiet_s = 2;
  double poll_s = 30;   // between looks where the file system does not report changes
  double look_s = 600;  // and where it does, all the same
};

// Returns when `scanning.stop` is requested; an error is the store's. `report` is called after each scan that changed
// something, and after the first.
Result<void> watch(std::span<const std::filesystem::path> paths, Ingest& ingest, Store& store, ScanOptions scanning,
                   const WatchOptions& options, const std::function<void(const ScanReport&)>& report);

}  // namespace zhiyin
