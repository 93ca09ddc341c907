// What happened since: every user's recent behaviour and every item's popularity, kept in memory and rebuilt from the
// event log by replay. The next answer after apply() knows the event.
//
// Thread-safe: many readers, one writer at a time. Bounded: a user's history keeps the newest kHistory items, and above
// most_users those who have done nothing for longest are forgotten, a tenth at a time: they are new when they come back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "domain/event_meaning.h"
#include "feed/live/item_board.h"
#include "feed/live/outcomes.h"
#include "feed/live/overlay.h"
#include "feed/live/trending.h"
#include "state/bus/event_log.h"

namespace zhiyin {

// One item that a user touched: what it meant in the end (a later dislike outweighs an earlier like).
struct Touched {
  ItemId item;
  double preference = 0;  // > 0 for the item, < 0 against it, 0 merely seen
  UnixSeconds time = 0;   // of the latest event
  EventType last = EventType::kView;
};

// Oldest first; one entry an item.
struct UserState {
  std::vector<Touched> touched;
  std::int64_t events = 0;
  std::int64_t last = 0;     // the number of the latest one, counted over all users
  std::int64_t changed = 0;  // of the latest that may change an answer: no impression
};

struct ActiveUser {
  UserId id;
  std::int64_t events = 0;
};

struct LiveOptions {
  EventMeaning events;
  OutcomeOptions outcomes;
  std::size_t most_users = 2'000'000;
  TrendingOptions trending;
};

class Live {
 public:
  static constexpr std::size_t kHistory = 2000;

  explicit Live(LiveOptions options = {})
      : options_(std::move(options)), outcomes_(options_.outcomes), trending_(options_.trending) {}

  void apply(const Event& event);

  // Applies what the log holds beyond the count_events() that were applied already; returns how many events that were.
  Result<std::int64_t> replay(const EventLog& log);

  // Nothing if the user never did anything, or a guest whose past has become a user's. Without what has expired.
  [[nodiscard]] std::shared_ptr<const UserState> user(const UserId& id) const;

  // Users whose id contains `query` (any if empty), the most active first.
  [[nodiscard]] std::vector<ActiveUser> users(std::string_view query, std::size_t count) const;

  // Every user with their past, in no order.
  [[nodiscard]] std::vector<std::pair<UserId, std::shared_ptr<const UserState>>> everybody() const;

  [[nodiscard]] ItemActivity item(const ItemId& id) const;

  // Where an item stands among those with an event, which never changes; kNoPlace: nothing was done with it yet.
  static constexpr std::uint32_t kNoPlace = UINT32_MAX;
  [[nodiscard]] std::uint32_t place(const ItemId& id) const;
  // What was done with the items at these places; nothing with those at kNoPlace.
  [[nodiscard]] std::vector<ItemActivity> activities(std::span<const std::uint32_t> places) const;

  // Visits every item with an event, in no order. The visitor runs under the read lock: it must not call back.
  void each_item(const std::function<void(const ItemId&, const ItemActivity&)>& visit) const;

  // The same for those whose first event came after `first` other items had theirs; returns how many there are by now.
  std::size_t each_item_from(std::size_t first,
                             const std::function<void(const ItemId&, const ItemActivity&)>& visit) const;

  // The same, the most liked first, until visit() says false.
  void each_by_likes(const std::function<bool(const ItemId&, const ItemActivity&)>& visit) const;

  // What is done with items lately.
  [[nodiscard]] const Trending& trending() const { return trending_; }

  // What was learned since the snapshot, and laying it; null: nothing.
  [[nodiscard]] std::shared_ptr<const Overlay> overlay() const { return std::atomic_load(&overlay_); }
  void lay(std::shared_ptr<const Overlay> overlay) { std::atomic_store(&overlay_, std::move(overlay)); }

  [[nodiscard]] std::size_t count_users() const;
  // Applied so far: the events 1 to count_events() of the log.
  [[nodiscard]] std::int64_t count_events() const;
  [[nodiscard]] UnixSeconds newest_time() const;  // of an event; 0 before the first

  [[nodiscard]] const EventMeaning& meaning() const { return options_.events; }
  [[nodiscard]] Outcomes& outcomes() { return outcomes_; }
  [[nodiscard]] const Outcomes& outcomes() const { return outcomes_; }

 private:
  void merge(const UserId& user, const UserId& guest);  // needs the lock
  void forget_the_quietest();                           // needs the lock

  const LiveOptions options_;
  Outcomes outcomes_;
  Trending trending_;
  std::shared_ptr<const Overlay> overlay_;  // by std::atomic_load and std::atomic_store only
  mutable std::shared_mutex mutex_;
  std::unordered_map<UserId, std::shared_ptr<UserState>>
      users_;                // guarded by mutex_; a state is replaced, never changed, once shared
  ItemBoard items_;          // guarded by mutex_
  std::int64_t events_ = 0;  // guarded by mutex_
  UnixSeconds newest_ = 0;   // guarded by mutex_
};

}  // namespace zhiyin
