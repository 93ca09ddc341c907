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

// Forgets the item; returns what they thought of it.
double take_back(UserState& state, const ItemId& item) {
  const auto known = std::ranges::find(state.touched, item, &Touched::item);
  if (known == state.touched.end()) return 0;
  const double before = known->preference;
  state.touched.erase(known);
  return before;
}

}  // namespace

void Live::apply(const Event& event) {
  const double preference = options_.events.preference(event);
  outcomes_.apply(event, preference);
  if (touches(event)) trending_.add(event.item, preference, event.time);
  const std::unique_lock lock(mutex_);
  ++events_;
  newest_ = std::max(newest_, event.time);
  if (event.type == EventType::kMerge) return merge(event.user, UserId(event.text));
  auto& slot = users_[event.user];
  // Readers may hold the state: change a copy then.
  if (slot == nullptr) slot = std::make_shared<UserState>();
  if (slot.use_count() > 1) slot = std::make_shared<UserState>(*slot);
  // Whoever read it before us is done, and here we see that they are: use_count() alone orders nothing, and the thread
  // sanitizer knows of no fences, but taking a share and giving it back is ordered after all that was given back.
  { const auto share = slot; }
  ++slot->events;
  slot->last = events_;
  if (event.type != EventType::kImpression) slot->changed = events_;
  if (event.type == EventType::kRetraction) {
    if (take_back(*slot, event.item) > 0) items_.change_likes(event.item, -1);
  } else if (touches(event)) {
    const auto [before, after] = touch(*slot, event, preference);
    items_.count(event.item, static_cast<int>(after > 0) - static_cast<int>(before > 0));
  }
  if (users_.size() > options_.most_users) forget_the_quietest();
}

void Live::merge(const UserId& user, const UserId& guest) {
  const auto found = users_.find(guest);
  if (found == users_.end() || user == guest) return;
  const auto past = std::move(found->second);
  users_.erase(found);
  auto& slot = users_[user];
  auto merged = slot == nullptr ? std::make_shared<UserState>() : std::make_shared<UserState>(*slot);
  for (const auto& [item, change] : take_over(*merged, *past)) items_.change_likes(item, change);
  merged->last = events_;
  merged->changed = events_;
  slot = std::move(merged);
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
  const auto counts = [&](const Touched& touched) { return !options_.events.is_expired(touched.time, newest_); };
  const auto first = std::ranges::find_if(all, counts);  // oldest first: a prefix has expired
  if (first == all.begin()) return found->second;
  return std::make_shared<UserState>(
      UserState{{first, all.end()}, found->second->events, found->second->last, found->second->changed});
}

// Of all who match only the page is kept, and nothing is copied before it is whole: this is asked for at every opening
// of the page, and there may be millions.
std::vector<ActiveUser> Live::users(std::string_view query, std::size_t count) const {
  using Entry = const std::pair<const UserId, std::shared_ptr<UserState>>*;
  const auto more_active = [](Entry a, Entry b) {
    return a->second->events != b->second->events ? a->second->events > b->second->events : a->first < b->first;
  };
  if (count == 0) return {};
  const std::shared_lock lock(mutex_);
  std::vector<Entry> page;  // a heap, the least active in front
  for (const auto& user : users_) {
    if (page.size() == count && !more_active(&user, page.front())) continue;
    if (!query.empty() && user.first.value.find(query) == std::string::npos) continue;
    if (page.size() == count) {
      std::ranges::pop_heap(page, more_active);
      page.pop_back();
    }
    page.push_back(&user);
    std::ranges::push_heap(page, more_active);
  }
  std::ranges::sort_heap(page, more_active);
  std::vector<ActiveUser> found;
  for (const auto* user : page) found.push_back({user->first, user->second->events});
  return found;
}

std::vector<std::pair<UserId, std::shared_ptr<const UserState>>> Live::everybody() const {
  const std::shared_lock lock(mutex_);
  return {users_.begin(), users_.end()};
}

ItemActivity Live::item(const ItemId& id) const {
  const std::shared_lock lock(mutex_);
  const auto* found = items_.find(id);
  return found == nullptr ? ItemActivity{} : found->activity;
}

std::uint32_t Live::place(const ItemId& id) const {
  const std::shared_lock lock(mutex_);
  const auto* found = items_.find(id);
  return found == nullptr ? kNoPlace : static_cast<std::uint32_t>(found - &items_[0]);
}

std::vector<ItemActivity> Live::activities(std::span<const std::uint32_t> places) const {
  std::vector<ItemActivity> all;
  all.reserve(places.size());
  const std::shared_lock lock(mutex_);
  for (const auto place : places) all.push_back(place == kNoPlace ? ItemActivity{} : items_[place].activity);
  return all;
}

void Live::each_item(const std::function<void(const ItemId&, const ItemActivity&)>& visit) const {
  each_item_from(0, visit);
}

std::size_t Live::each_item_from(std::size_t first,
                                 const std::function<void(const ItemId&, const ItemActivity&)>& visit) const {
  const std::shared_lock lock(mutex_);
  for (auto i = first; i < items_.size(); ++i) visit(items_[i].id, items_[i].activity);
  return items_.size();
}

void Live::each_by_likes(const std::function<bool(const ItemId&, const ItemActivity&)>& visit) const {
  const std::shared_lock lock(mutex_);
  for (const auto at : items_.by_likes()) {
    if (!visit(items_[at].id, items_[at].activity)) return;
  }
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
