#include "learn/training_set.h"

#include <unordered_map>

namespace zhiyin {
namespace {

struct LastWord {
  double preference = 0;
  UnixSeconds time = 0;
};

using Pair = std::pair<std::uint32_t, ItemIndex>;
struct PairHash {
  std::size_t operator()(const Pair& pair) const { return (std::size_t{pair.first} << 32U) ^ pair.second; }
};

}  // namespace

Result<TrainingSet> read_training_set(const Store& store, const EventLog& log, Offset until) {
  TrainingSet set;
  std::unordered_map<ItemId, ItemIndex> item_index;
  ZY_CHECK_OK(store.each_item([&](Item&& item) {
    item_index.emplace(item.id, static_cast<ItemIndex>(set.items.size()));
    set.items.push_back(std::move(item.id));
  }));
  set.modalities.resize(set.items.size());
  ZY_CHECK_OK(store.each_vector([&](const ItemId& id, StoredVector&& vector) {
    const auto found = item_index.find(id);
    if (found != item_index.end())
      set.modalities[found->second].push_back({std::move(vector.encoder), vector.version, std::move(vector.values)});
  }));

  std::unordered_map<UserId, std::uint32_t> everybody;
  std::vector<UserId> names;
  std::unordered_map<Pair, LastWord, PairHash> last_words;
  ZY_CHECK_OK(log.replay(0, [&](const LoggedEvent& logged) {
    if (logged.offset > until) return;
    set.offset = logged.offset;
    const auto& event = logged.event;
    const auto item = item_index.find(event.item);
    const double now = preference(event);
    if (item == item_index.end() || now == 0) return;
    const auto [user, added] = everybody.try_emplace(event.user, static_cast<std::uint32_t>(names.size()));
    if (added) names.push_back(event.user);
    auto& word = last_words[{user->second, item->second}];
    if (event.time >= word.time) word = {later_preference(word.preference, now), event.time};
  }));

  // Users without a positive have no row: there is nothing to learn from them yet.
  std::vector<Interaction> cells;
  std::vector<bool> has_positive(names.size(), false);
  for (const auto& [pair, word] : last_words) {
    if (word.preference > 0) has_positive[pair.first] = true;
  }
  std::vector<UserIndex> row(names.size());
  for (std::size_t user = 0; user < names.size(); ++user) {
    if (!has_positive[user]) continue;
    row[user] = static_cast<UserIndex>(set.users.size());
    set.users.push_back(names[user]);
  }
  for (const auto& [pair, word] : last_words) {
    if (word.preference > 0) cells.push_back({row[pair.first], pair.second, 1.0F, word.time});
  }
  set.positives = Interactions::from(cells, set.users.size(), set.items.size());
  return set;
}

}  // namespace zhiyin
