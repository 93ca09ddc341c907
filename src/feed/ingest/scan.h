// `zhiyin scan`: walks folders and takes in every media file, several at a time.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "base/result.h"
#include "feed/ingest/ingest.h"

namespace zhiyin {

struct ScanReport {
  std::int64_t files = 0;      // looked at
  std::int64_t analysed = 0;   // new or changed, understood
  std::int64_t unchanged = 0;  // known already
  std::int64_t refused = 0;    // listed in the store's reports with the reason
  double seconds = 0;
};

// Paths may be folders (walked, links not followed) or files. Files are taken by extension; a named file always.
// An item whose url is a file's path (whole, or relative to the folder that is scanned) gets that file's media.
Result<ScanReport> scan(std::span<const std::filesystem::path> paths, Ingest& ingest, const Store& store, int threads);

}  // namespace zhiyin
