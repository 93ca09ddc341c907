#include "feed/live/live.h"

#include <algorithm>
#include <atomic>
#include <mutex>

namespace zhiyin {
namespace {

// An impression says that the item was shown, not that the user did anything with it.
bool touches(const Event& event) { return event.type != EventType::kImpression; }

// Enters the event in the user's past; returns what they thought of the item before and what they think now.
std::pair<double, double> touch(UserState& state, const Event& event) {
  Touched touched{event.item, preference(event), event.time, event.type};
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
  if (touches(event)) trending_.add(event.item, preference(event), event.time);
  const std::unique_lock lock(mutex_);
  ++events_;
  auto& slot = users_[event.user];
  // Readers may hold the state: change a copy then.
  if (slot == nullptr) slot = std::make_shared<UserState>();
  if (slot.use_count() > 1) slot = std::make_shared<UserState>(*slot);
  std::atomic_thread_fence(std::memory_order_acquire);  // whoever read it before us is done
  ++slot->events;
  slot->last = events_;
  if (touches(event)) {
    const auto [before, after] = touch(*slot, event);
    auto& activity = items_[event.item];
    ++activity.events;
    activity.likes += static_cast<int>(after > 0) - static_cast<int>(before > 0);
  }
  if (users_.size() > options_.most_users) forget_the_quietest();
}

void Live::forget_the_quietest() {
  std::vector<std::pair<std::int64_t, UserId>> all;
  for (const auto& [id, state] : users_) all.emplace_back(state->last, id);
  const auto gone = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, all.size() / 10));
  std::ranges::nth_element(all, all.begin() + gone);
  for (auto one = all.begin(); one != all.begin() + gone; ++one) users_.erase(one->second);
}

Result<std::int64_t> Live::replay(const EventLog& log) {
  std::int64_t count = 0;
  ZY_CHECK_OK(log.replay(0, [&](const LoggedEvent& logged) {
    apply(logged.event);
    ++count;
  }));
  return count;
}

std::shared_ptr<const UserState> Live::user(const UserId& id) const {
  const std::shared_lock lock(mutex_);
  const auto found = users_.find(id);
  return found == users_.end() ? nullptr : found->second;
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

std::int64_t Live::count_events() const {
  const std::shared_lock lock(mutex_);
  return events_;
}

}  // namespace zhiyin
