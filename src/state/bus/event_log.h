// The event log: ordered, durable, append-only. Offsets start at 1 and have no holes.
//
// append() returns only when the events are on disk (fsync), so an acknowledged event survives kill -9 and power loss;
// concurrent appends share one fsync (group commit). An event whose non-empty id was already logged is a duplicate: it
// is counted, not logged again. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "domain/event.h"

namespace zhiyin {

using Offset = std::int64_t;

struct Appended {
  std::int64_t accepted = 0;
  std::int64_t duplicates = 0;
  Offset offset = 0;            // of the last event of the log after this append
  std::vector<bool> duplicate;  // one per given event
};

struct LoggedEvent {
  Offset offset = 0;
  Event event;
};

class EventLog {
 public:
  virtual ~EventLog() = default;

  virtual Result<Appended> append(std::span<const Event> events) = 0;

  // Visits events with offset > after, in order, to the end of the log at the time of the call.
  virtual Result<void> replay(Offset after, const std::function<void(const LoggedEvent&)>& visit) const = 0;

  // Offset of the newest event, 0 if there is none.
  virtual Result<Offset> last_offset() const = 0;
};

}  // namespace zhiyin
