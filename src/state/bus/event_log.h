// The event log: ordered, durable, append-only. Offsets start at 1 and have no holes.
//
// An append is answered only when its events are on disk (fsync), so an acknowledged event survives kill -9 and power
// loss; appends that wait at the same time share one fsync (group commit). An event whose non-empty id was already
// logged is a duplicate: it is counted, not logged again. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "domain/event.h"

namespace zhiyin {

using Offset = std::int64_t;

// The accepted events of one append have the offsets offset - accepted + 1 to offset, in their order.
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

// Gets the events back with what became of them.
using AppendDone = std::function<void(std::vector<Event>, Result<Appended>)>;

class EventLog {
 public:
  virtual ~EventLog() = default;

  // Returns at once; `done` is called once, on a thread of the log's own, one append after another in the order of the
  // log. It must not wait for the log (append() in it would). Every append that was taken is answered before the log is
  // destroyed. Memory: what is given is kept until it is answered, so whoever takes events from outside looks at
  // waiting_events() first.
  virtual void append_later(std::vector<Event> events, AppendDone done) = 0;

  // Waits for the answer.
  Result<Appended> append(std::span<const Event> events);

  // Events given to append_later() and not answered yet.
  [[nodiscard]] virtual std::size_t waiting_events() const = 0;

  // Visits events with offset > after, in order, to the end of the log at the time of the call.
  virtual Result<void> replay(Offset after, const std::function<void(const LoggedEvent&)>& visit) const = 0;

  // Offset of the newest event, 0 if there is none.
  virtual Result<Offset> last_offset() const = 0;
};

}  // namespace zhiyin
