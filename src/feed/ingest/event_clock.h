// The time that events without one get, and by which a time is told to be of the future.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>

#include "base/clock.h"

namespace zhiyin {

// A wall clock that does not run backwards when it is set back: it goes on from where it stood, by the steady clock,
// until the wall clock is ahead again or the program is started anew. So a like and a dislike after it stay in that
// order, and events of today are not refused as future ones while the machine believes in 1970. A wall clock that is
// set forward is believed, and believed again when it comes back. Thread-safe.
class EventClock final : public Clock {
 public:
  // It is not before `not_before`, whatever the wall clock says: what the log holds has happened.
  EventClock(const Clock& wall, UnixSeconds not_before, std::function<double()> steady_s = since_now())
      : wall_(wall),
        steady_s_(std::move(steady_s)),
        start_(std::max(wall.now(), not_before)),
        steady_start_s_(steady_s_()) {}

  [[nodiscard]] UnixSeconds now() const override {
    const auto passed = static_cast<UnixSeconds>(steady_s_() - steady_start_s_);
    return std::max(wall_.now(), start_ + passed);
  }

 private:
  static std::function<double()> since_now() {
    return [watch = Stopwatch()] { return watch.seconds(); };
  }

  const Clock& wall_;
  std::function<double()> steady_s_;
  UnixSeconds start_;
  double steady_start_s_;
};

}  // namespace zhiyin
