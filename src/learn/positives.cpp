#include "learn/positives.h"

#include <algorithm>

#include "domain/event.h"

namespace zhiyin {

const Positives::Opinion* Positives::find(UserIndex user, ItemIndex item) const {
  if (user >= rows_.size()) return nullptr;
  const auto& row = rows_[user];
  const auto found = std::ranges::lower_bound(row, item, {}, &Opinion::item);
  return found == row.end() || found->item != item ? nullptr : &*found;
}

void Positives::tell(UserIndex user, ItemIndex item, double preference, UnixSeconds time) {
  if (preference == 0) return;
  if (user >= rows_.size()) rows_.resize(user + std::size_t{1});
  if (item >= users_.size()) users_.resize(item + std::size_t{1});
  auto& row = rows_[user];
  auto found = std::ranges::lower_bound(row, item, {}, &Opinion::item);
  if (found == row.end() || found->item != item) {
    found = row.insert(found, {item, 0, time});
    users_[item].push_back(user);
    ++pairs_;
  }
  if (time < found->time) return;
  const bool liked = found->preference > 0;
  const auto since = found->time;
  found->preference = static_cast<float>(later_preference(found->preference, preference));
  found->time = time;
  if (liked != (found->preference > 0)) before_.try_emplace(std::uint64_t{user} << 32U | item, Before{liked, since});
}

void Positives::forget(UserIndex user, ItemIndex item) {
  const auto* known = find(user, item);
  if (known == nullptr) return;
  auto& opinion = rows_[user][static_cast<std::size_t>(known - rows_[user].data())];
  if (opinion.preference > 0) before_.try_emplace(std::uint64_t{user} << 32U | item, Before{true, opinion.time});
  opinion.preference = 0;
}

void Positives::merge(UserIndex from, UserIndex into) {
  if (from >= rows_.size()) return;
  const auto past = rows_[from];
  for (const auto& [item, preference, time] : past) {
    tell(into, item, preference, time);
    forget(from, item);
  }
}

Positives::Changes Positives::take(std::size_t items) {
  Changes changes;
  std::vector<UserIndex> concerned;
  std::vector<bool> is_changed(items, false);
  for (const auto& [pair, was] : before_) {
    concerned.push_back(static_cast<UserIndex>(pair >> 32U));
    is_changed[static_cast<ItemIndex>(pair)] = true;
  }
  for (ItemIndex item = 0; item < items; ++item) {
    if (is_changed[item]) concerned.insert(concerned.end(), users_[item].begin(), users_[item].end());
  }
  std::ranges::sort(concerned);
  const auto repeated = std::ranges::unique(concerned);
  concerned.erase(repeated.begin(), repeated.end());

  std::vector<Interaction> cells;
  for (UserIndex row = 0; row < concerned.size(); ++row) {
    for (const auto& [item, preference, time] : rows_[concerned[row]]) {
      if (preference > 0) cells.push_back({row, item, 1.0F, time});
    }
  }
  changes.interactions = Interactions::from(cells, concerned.size(), items);
  for (const auto& [pair, was] : before_) {
    const auto user = static_cast<UserIndex>(pair >> 32U);
    const auto item = static_cast<ItemIndex>(pair);
    const auto row = static_cast<UserIndex>(std::ranges::lower_bound(concerned, user) - concerned.begin());
    const auto* now = find(user, item);
    if (was.liked == (now->preference > 0)) continue;  // there and back
    if (was.liked)
      changes.removed.push_back({row, item, 1.0F, was.time});
    else
      changes.added.push_back({row, item, 1.0F, now->time});
  }
  // Not in the order of a hash table: what is learned repeats bit by bit.
  const auto by_place = [](const Interaction& cell) { return std::pair(cell.user, cell.item); };
  std::ranges::sort(changes.added, {}, by_place);
  std::ranges::sort(changes.removed, {}, by_place);
  before_.clear();
  return changes;
}

History Positives::history(UserIndex user) const {
  std::vector<Opinion> liked;
  if (user < rows_.size()) {
    std::ranges::copy_if(rows_[user], std::back_inserter(liked), [](const Opinion& one) { return one.preference > 0; });
  }
  std::ranges::stable_sort(liked, {}, &Opinion::time);
  History history;
  for (const auto& one : liked) {
    history.items.push_back(one.item);
    history.weights.push_back(1);
    history.times.push_back(one.time);
  }
  return history;
}

}  // namespace zhiyin
