#include "feed/live/live.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "feed/live/merge_users.h"

namespace zhiyin {
namespace {

// An impression says that the item was shown, not that the user did anything with it.
bool touches(const Event& event) { return event.type != EventType::kImpression; }

// Enters the event in the user's past; returns what they thought of the item before and what they think now.
std::pair<double, double> touch(UserState& state, const Event& event, double preference) {
  Touched touched{event.item, preference, event.time, event.type};
  double before = 0;
  auto& all = state.touched;
  if (const auto known = std::ranges::find(all, event.item, &Touched::item); known != all.end()) {
    before = known->preference;
    touched.preference = known->time <= event.time ? later_preference(before, touched.preference)
                                                   : later_preference(touched.preference, before);
    touched.time = std::max(touched.time, known->time);
    all.erase(known);
  }
  const double after = touched.preference;
  const auto later = std::ranges::upper_bound(all, touched.time, {}, &Touched::time);
  all.insert(later, std::move(touched));
  if (all.size() > Live::kHistory) all.erase(all.begin());
  return {before, after};
}

}  // namespace

void Live::apply(const Event& event) {
  const double preference = meaning_.preference(event);
  outcomes_.apply(event, preference);
  const std::unique_lock lock(mutex_);
  ++events_;
  newest_ = std::max(newest_, event.time);
  if (event.type == EventType::kMerge) return merge(event.user, UserId(event.text));
  auto& slot = users_[event.user];
  // Readers may hold the state: change a copy then.
  if (slot == nullptr) slot = std::make_shared<UserState>();
  if (slot.use_count() > 1) slot = std::make_shared<UserState>(*slot);
  std::atomic_thread_fence(std::memory_order_acquire);  // whoever read it before us is done
  ++slot->events;
  if (!touches(event)) return;
  const auto [before, after] = touch(*slot, event, preference);
  auto& activity = items_[event.item];
  ++activity.events;
  activity.likes += static_cast<int>(after > 0) - static_cast<int>(before > 0);
}

void Live::merge(const UserId& user, const UserId& guest) {
  const auto found = users_.find(guest);
  if (found == users_.end() || user == guest) return;
  const auto past = std::move(found->second);
  users_.erase(found);
  auto& slot = users_[user];
  auto merged = slot == nullptr ? std::make_shared<UserState>() : std::make_shared<UserState>(*slot);
  for (const auto& [item, change] : take_over(*merged, *past)) items_[item].likes += change;
  slot = std::move(merged);
}

Result<std::int64_t> Live::replay(const EventLog& log) {
  std::int64_t count = 0;
  ZY_CHECK_OK(log.replay(count_events(), [&](const LoggedEvent& logged) {
    apply(logged.event);
    ++count;
  }));
  return count;
}

std::shared_ptr<const UserState> Live::user(const UserId& id) const {
  const std::shared_lock lock(mutex_);
  const auto found = users_.find(id);
  if (found == users_.end()) return nullptr;
  const auto& all = found->second->touched;
  const auto counts = [&](const Touched& touched) { return !meaning_.is_expired(touched.time, newest_); };
  const auto first = std::ranges::find_if(all, counts);  // oldest first: a prefix has expired
  if (first == all.begin()) return found->second;
  return std::make_shared<UserState>(UserState{{first, all.end()}, found->second->events});
}

std::vector<ActiveUser> Live::users(std::string_view query, std::size_t count) const {
  std::vector<ActiveUser> found;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [id, state] : users_) {
      if (id.value.find(query) != std::string::npos) found.push_back({id, state->events});
    }
  }
  const auto more_active = [](const ActiveUser& a, const ActiveUser& b) {
    return a.events != b.events ? a.events > b.events : a.id < b.id;
  };
  std::ranges::sort(found, more_active);
  if (found.size() > count) found.resize(count);
  return found;
}

ItemActivity Live::item(const ItemId& id) const {
  const std::shared_lock lock(mutex_);
  const auto found = items_.find(id);
  return found == items_.end() ? ItemActivity{} : found->second;
}

void Live::each_item(const std::function<void(const ItemId&, const ItemActivity&)>& visit) const {
  const std::shared_lock lock(mutex_);
  for (const auto& [id, activity] : items_) visit(id, activity);
}

std::size_t Live::count_users() const {
  const std::shared_lock lock(mutex_);
  return users_.size();
}

UnixSeconds Live::newest_time() const {
  const std::shared_lock lock(mutex_);
  return newest_;
}

std::int64_t Live::count_events() const {
  const std::shared_lock lock(mutex_);
  return events_;
}

}  // namespace zhiyin
