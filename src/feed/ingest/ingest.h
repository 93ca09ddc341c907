// The write path: what comes in, from a file to an item that can be recommended, from an event to the next answer.
//
//   media   file -> decode (worker process) -> encode -> store
//   items   words -> encode -> store
//   events  check -> log (fsync) -> live
//
// Thread-safe. What was acknowledged is on disk.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/event.h"
#include "domain/item.h"
#include "feed/live/live.h"
#include "state/bus/event_log.h"
#include "state/store/store.h"
#include "understand/embed/encoders.h"
#include "understand/media/media.h"

namespace zhiyin {

struct IngestOptions {
  DecodeLimits decode;
  std::filesystem::path worker = "/proc/self/exe";  // the program that decodes
};

// A file on its way in. `root` is the folder that was scanned: folder names below it become tags.
struct MediaFile {
  std::filesystem::path path;
  std::filesystem::path root;
  std::int64_t size = 0;
  std::int64_t modified_ns = 0;
  std::optional<ItemId> item;  // the item it belongs to, if the catalogue already says so
};

enum class FileOutcome { kAnalysed, kUnchanged, kRefused };

class Ingest {
 public:
  // All references must outlive the ingest. `live` may be null where nobody is served (import).
  Ingest(Store& store, EventLog& log, Live* live, const Encoders& encoders, IngestOptions options);

  // Understands one file and stores what it found. A file that cannot be used is listed in the store's reports with
  // the reason: that is kRefused, not an error. Errors are those of the store.
  Result<FileOutcome> file(const MediaFile& file);

  // Adds or replaces items, their words encoded.
  Result<void> items(std::span<const Item> items);

  // Logs events and lets the next answer know. The events must have been checked (event_from_json does).
  Result<Appended> events(std::span<const Event> events);

 private:
  Result<std::vector<ItemVector>> encode_words(std::span<const Item> items) const;
  Result<Item> item_for(const MediaFile& file, const std::string& content_hash, const Decoded& decoded) const;

  Store& store_;
  EventLog& log_;
  Live* live_;
  const Encoders& encoders_;
  IngestOptions options_;
};

}  // namespace zhiyin
