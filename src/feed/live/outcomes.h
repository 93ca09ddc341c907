// What each source of the feed earns: what was shown, joined to what followed, by the id of the recommendation.
//
// A slate that is given out is remembered, so that an event which names it is logged with the source that had put the
// item there (Event::source), and a replay of the log tells the same. An item of a slate counts once for each of:
// shown (an impression, or anything done with it, since what is touched was seen), clicked (a click or a view), liked
// (an event that speaks for it) and disliked (one that speaks against it).
//
// Thread-safe. Bounded: the newest `remembered` items of slates. What comes later than that counts with the source that
// its event carries, as if it had not been shown before.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "domain/answer.h"
#include "domain/event.h"

namespace zhiyin {

struct OutcomeOptions {
  std::size_t remembered = 200'000;  // items of slates; about 100 bytes each
};

struct SourceOutcome {
  std::int64_t shown = 0;
  std::int64_t clicked = 0;
  std::int64_t liked = 0;
  std::int64_t disliked = 0;
};

class Outcomes {
 public:
  explicit Outcomes(OutcomeOptions options = {}) : options_(options) {}

  // A slate goes out.
  void give(const Slate& slate);

  // Which source put the item there; empty if that is not known any more, or never was.
  [[nodiscard]] std::string source_of(const std::string& recommendation, const ItemId& item) const;

  // An event of the log; `preference` is what it says of the item. Without a recommendation it counts for nothing.
  void apply(const Event& event, double preference);

  // By source; what no source is known for under "unknown". At most kMostSources names; the rest are "other".
  [[nodiscard]] std::map<std::string, SourceOutcome> by_source() const;

  static constexpr std::size_t kMostSources = 32;

 private:
  struct Shown {
    std::uint8_t source = 0;  // of names_
    std::uint8_t done = 0;    // bits: shown, clicked, liked, disliked
  };
  struct Earned {
    std::string name;
    SourceOutcome outcome;
  };

  Shown& remember(std::uint64_t key, const std::string& source);
  std::uint8_t place_of(const std::string& source);

  OutcomeOptions options_;
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, Shown> shown_;  // GUARDED_BY(mutex_), by recommendation and item
  std::deque<std::uint64_t> order_;                 // GUARDED_BY(mutex_): keys of shown_, oldest first
  std::vector<Earned> sources_;                     // GUARDED_BY(mutex_)
};

}  // namespace zhiyin
