#include "learn/training_set.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

namespace zhiyin {
namespace {

struct LastWord {
  double preference = 0;
  UnixSeconds time = 0;

  // What is heard of another moment, earlier or later.
  void hear(const LastWord& other) {
    if (other.time >= time) {
      *this = {later_preference(preference, other.preference), other.time};
    } else {
      preference = later_preference(other.preference, preference);
    }
  }
};

using Pair = std::pair<std::uint32_t, ItemIndex>;
struct PairHash {
  std::size_t operator()(const Pair& pair) const { return (std::size_t{pair.first} << 32U) ^ pair.second; }
};
using LastWords = std::unordered_map<Pair, LastWord, PairHash>;

// Everybody's last word on everything, gathered in the order of the log.
class Words {
 public:
  explicit Words(const EventMeaning& meaning) : meaning_(meaning) {}

  void hear(const Event& event, std::optional<ItemIndex> item) {
    newest_ = std::max(newest_, event.time);
    if (event.type == EventType::kMerge) return merge(event.user, UserId(event.text));
    if (item && event.type == EventType::kRetraction) return take_back(event.user, *item);
    const double preference = meaning_.preference(event);
    if (!item || preference == 0) return;
    words_[{number_of(event.user), *item}].hear({preference, event.time});
  }

  // By number of user, with the names that the numbers stand for.
  std::pair<std::vector<UserId>, LastWords> finish() && {
    if (meaning_.ttl_days > 0)
      std::erase_if(words_, [&](const auto& word) { return meaning_.is_expired(word.second.time, newest_); });
    if (merged_.empty()) return {std::move(names_), std::move(words_)};
    LastWords joined;
    for (const auto& [pair, word] : words_) joined[{root_of(pair.first), pair.second}].hear(word);
    return {std::move(names_), std::move(joined)};
  }

 private:
  std::uint32_t number_of(const UserId& user) {
    const auto [found, is_new] = numbers_.try_emplace(user, static_cast<std::uint32_t>(names_.size()));
    if (is_new) names_.push_back(user);
    return found->second;
  }

  // What the user did with the item so far is forgotten, what they did as a guest among it.
  void take_back(const UserId& user, ItemIndex item) {
    const auto found = numbers_.find(user);
    if (found == numbers_.end()) return;
    words_.erase({found->second, item});
    for (const auto& [guest, whose] : merged_) {
      if (root_of(whose) == found->second) words_.erase({guest, item});
    }
  }

  // What the guest did so far goes to the user; what the guest's id does from here on is somebody new.
  void merge(const UserId& user, const UserId& guest) {
    const auto found = numbers_.find(guest);
    if (found == numbers_.end() || user == guest) return;
    const auto past = found->second;
    numbers_.erase(found);
    merged_.emplace(past, number_of(user));
  }

  std::uint32_t root_of(std::uint32_t user) const {
    for (auto next = merged_.find(user); next != merged_.end(); next = merged_.find(user)) user = next->second;
    return user;
  }

  const EventMeaning& meaning_;
  UnixSeconds newest_ = 0;
  std::unordered_map<UserId, std::uint32_t> numbers_;
  std::vector<UserId> names_;
  LastWords words_;
  std::unordered_map<std::uint32_t, std::uint32_t> merged_;  // a guest's number -> who that was
};

}  // namespace

Result<TrainingSet> read_training_set(const Store& store, const EventLog& log, const EventMeaning& meaning,
                                      Offset until) {
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

  Words words(meaning);
  ZY_CHECK_OK(log.replay(0, [&](const LoggedEvent& logged) {
    if (logged.offset > until) return;
    set.offset = logged.offset;
    const auto item = item_index.find(logged.event.item);
    words.hear(logged.event, item == item_index.end() ? std::nullopt : std::optional(item->second));
  }));
  const auto [names, last_words] = std::move(words).finish();

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
