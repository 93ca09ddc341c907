// The write path: what comes in, from a file to an item that can be recommended, from an event to the next answer.
//
//   media   file -> whose bytes? -> decode (worker process) -> encode -> store
//   items   words -> encode -> store
//   events  check -> log (fsync) -> live
//
// Thread-safe; the log must have answered all events before this and the live state are destroyed. What was acknowledged is on disk. A file is stored in one transaction: after a crash its item is
// understood whole or not at all, so a scan that was killed goes on where it was.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/event.h"
#include "domain/item.h"
#include "feed/ingest/byte_claims.h"
#include "feed/live/live.h"
#include "state/bus/event_log.h"
#include "state/store/store.h"
#include "understand/embed/encoders.h"
#include "understand/media/media.h"

namespace zhiyin {

struct IngestOptions {
  std::size_t max_waiting_events = 200'000;  // given and not on disk yet; more are refused until there is room
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

enum class FileOutcome {
  kAnalysed,   // new bytes, understood
  kUpdated,    // known bytes, seen by encoders that had not seen them
  kMoved,      // known bytes at a new place: the item points there now
  kUnchanged,  // known already: the file itself, or a copy of one
  kRefused,    // it cannot be used: listed in the store's reports with the reason
  kStopped,    // `stop` was requested before it was understood
};
inline constexpr std::size_t kFileOutcomes = 6;

struct FileResult {
  FileOutcome outcome = FileOutcome::kUnchanged;
  std::vector<EncoderRun> runs;  // what was done now: decoding, senses, text encoders
  double decode_s = 0;           // wall time of decoding
};

class Ingest {
 public:
  // All references must outlive the ingest. `live` may be null where nobody is served (import); else it has seen the log
  // up to its count_events().
  Ingest(Store& store, EventLog& log, Live* live, const Encoders& encoders, IngestOptions options);

  // Understands one file and stores what it found: with every sense if its bytes are new, else with those that have not
  // seen them. Never writes beside the file. A file that cannot be used is not an error; errors are those of the store.
  Result<FileResult> file(const MediaFile& file, const std::stop_token& stop = {});

  // Applies to the live state what others have appended to the log (an import beside a running server). Events that
  // come meanwhile do not wait for it.
  Result<void> catch_up();

  // Adds or replaces items, their words encoded.
  Result<void> items(std::span<const Item> items);
  // Encodes the words of items that are there already.
  Result<void> read_again(std::span<const Item> items);

  // Adds or replaces users.
  Result<void> users(std::span<const User> users) { return store_.put_users(users); }

  // Logs events, with the source of the slate that they name where the live state remembers it, then lets the next answer know, then calls `done`, once: on a thread of the log's, where it must not
  // wait for the log, or here, with kBusy, where too many events wait for the disk already. Live state follows the
  // order of the log. The events must have been checked (event_from_json does).
  void events_later(std::vector<Event> events, std::function<void(Result<Appended>)> done);
  // The same, waiting for it.
  Result<Appended> events(std::span<const Event> events);

  // Whether what has understood an item so far leaves something to do for the encoders of today.
  [[nodiscard]] bool senses_outdated(const EncoderVersions& understood_by) const;
  [[nodiscard]] bool words_outdated(const EncoderVersions& understood_by) const;

  [[nodiscard]] const IngestOptions& options() const { return options_; }

 private:
  struct Known;
  Result<Known> look_up(const MediaFile& file, const std::string& content_hash,
                        const std::optional<ScannedFile>& before) const;
  Result<FileResult> take_over(const MediaFile& file, const Known& known, const ScannedFile& scanned);
  Result<FileResult> share(const MediaFile& file, const Known& known, const ScannedFile& scanned);
  Result<FileResult> analyse(const MediaFile& file, const Known& known, const ScannedFile& scanned,
                             const std::stop_token& stop);
  Result<FileResult> refuse(const MediaFile& file, const Error& error);
  Result<Item> with_media(const MediaFile& file, const Known& known, const ScannedFile& scanned, const Decoded& decoded,
                          const Perception& perception) const;
  Result<Perception> what_stays(const ItemId& id, std::span<const Sense* const> asked) const;
  void add_keywords(Perception& perception) const;
  ItemWords read(const Item& item, Perception& perception, std::vector<EncoderRun>& runs) const;
  Result<std::vector<ItemWords>> read_all(std::span<const Item> items) const;
  [[nodiscard]] std::vector<const Sense*> senses_not_in(const EncoderVersions& understood_by) const;
  [[nodiscard]] EncoderVersions text_versions() const;

  void follow(std::span<const Event> events, const Appended& appended);
  void apply_logged(std::span<const LoggedEvent> events);  // needs follow_mutex_

  Store& store_;
  EventLog& log_;
  Live* live_;
  const Encoders& encoders_;
  IngestOptions options_;
  ByteClaims claims_;

  // How far the live state follows the log.
  struct Range {
    Offset first;
    Offset last;
  };
  std::mutex catch_up_mutex_;  // one at a time catches up
  std::mutex follow_mutex_;    // one at a time applies events to live_
  Offset followed_;            // GUARDED_BY(follow_mutex_): everything up to here is applied
  std::vector<Range> ahead_;   // GUARDED_BY(follow_mutex_): and this, further on; ascending
};

}  // namespace zhiyin
