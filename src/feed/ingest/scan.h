// `zhiyin scan`: walks folders and takes in every media file, several at a time.
//
// Files wait in a queue of names; only those being worked on, one a thread, are in memory decoded (about 60 MB each
// with the limits by default: two minutes of sound, a dozen frames, and the bytes they came in). Scanning again costs
// one stat() a file that did not change. Folders are only read.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "feed/ingest/ingest.h"

namespace zhiyin {

struct EncoderCost {
  std::string encoder;
  std::int64_t files = 0;
  std::int64_t problems = 0;
  double cpu_s = 0;
};

struct ScanReport {
  std::int64_t files = 0;       // looked at
  std::int64_t analysed = 0;    // new bytes, understood
  std::int64_t updated = 0;     // known bytes, seen by encoders that are new or of another version
  std::int64_t moved = 0;       // known bytes at a new place
  std::int64_t unchanged = 0;   // known already
  std::int64_t refused = 0;     // listed in the store's reports with the reason
  std::int64_t left = 0;        // not ready yet, or not reached before the scan was stopped
  std::int64_t gone = 0;        // files that the catalogue knew and that are no longer there
  std::int64_t read_again = 0;  // items whose words were encoded again by new text encoders
  bool stopped = false;
  double seconds = 0;
  double decode_s = 0;             // wall time of decoding, over all threads
  std::vector<EncoderCost> costs;  // processor time by encoder, the dearest first; decoding is one of them
};

struct ScanOptions {
  int threads = 1;
  std::stop_token stop;
  std::function<bool(const MediaFile&)> ready;  // empty: every file is
};

// Paths may be folders (walked, links not followed) or files. Files are taken by extension; a named file always.
// An item whose url is a file's path (whole, or relative to the folder that is scanned) gets that file's media.
//
// A file that was below one of the folders and is there no more leaves its item without a path: the item keeps its
// identity, what was understood of it and what people did with it, answers do not show it, and the same bytes anywhere
// bring it back. An empty folder is taken for a disk that is not mounted: nothing below it is forgotten.
Result<ScanReport> scan(std::span<const std::filesystem::path> paths, Ingest& ingest, Store& store,
                        const ScanOptions& options);

// The folders among the paths, and the folders of the files among them: where a change would be one of theirs.
std::vector<std::filesystem::path> folders_of(std::span<const std::filesystem::path> paths);

}  // namespace zhiyin
