// What is done with items lately: of each, events that fade.
//
//   lately(i, t) = sum over events of i of weight 2^(-(t - time) / half_life)
//
// Two half-lives, a day and a week: windows with soft edges, one number an item each, the same whatever order events
// come in. What is rising has more of its week in its last day than something steady has.
//
// Bounded: above `most_items` the quietest are forgotten, so that replay of the log gives what was there. Thread-safe.
#pragma once

#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "domain/ids.h"

namespace zhiyin {

enum class Window { kDay, kWeek, kRising };

struct TrendingOptions {
  std::size_t most_items = 1'000'000;  // about 100 bytes each
};

struct Trend {
  ItemId item;
  double score = 0;
};

class Trending {
 public:
  explicit Trending(TrendingOptions options = {}) : options_(options) {}

  // A weight of 0 or less is passed over.
  void add(const ItemId& item, double weight, UnixSeconds time);

  // The most there is at `now`, best first, above 0 only. kRising: the day's less what a steady item of that week would
  // have. Cost: linear in the items.
  [[nodiscard]] std::vector<Trend> top(Window window, UnixSeconds now, std::size_t count) const;

  [[nodiscard]] std::size_t size() const;

 private:
  // Both sums as they were at `time`.
  struct Faded {
    double day = 0;
    double week = 0;
    UnixSeconds time = 0;

    [[nodiscard]] Faded at(UnixSeconds later) const;
  };
  void forget_the_quietest();  // needs the lock

  TrendingOptions options_;
  mutable std::mutex mutex_;
  std::unordered_map<ItemId, Faded> items_;  // guarded by mutex_
  UnixSeconds newest_ = 0;                   // of an event; guarded by mutex_
};

}  // namespace zhiyin
