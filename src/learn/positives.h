// Who likes what by now, kept up to date event by event, and what models must know of it to learn (match/model.h,
// Update): the cells that changed, and the whole rows of everybody whom they concern.
//
// 32 bytes a pair of user and item. Confined to one thread.
#pragma once

#include <unordered_map>
#include <vector>

#include "domain/interactions.h"
#include "match/model.h"

namespace zhiyin {

class Positives {
 public:
  // What a user thinks of an item, > 0 for it and < 0 against it, as of `time`: an earlier opinion is taken over by
  // later_preference(), a late one that something later has overtaken says nothing. Users and items are any numbers.
  void tell(UserIndex user, ItemIndex item, double preference, UnixSeconds time);

  // What a user thinks of an item is taken back.
  void forget(UserIndex user, ItemIndex item);
  // What `from` thinks, `into` thinks from here on.
  void merge(UserIndex from, UserIndex into);

  // What changed since the last take(), owned.
  struct Changes {
    Interactions interactions;  // of the users concerned, numbered anew, times `items`
    std::vector<Interaction> added;
    std::vector<Interaction> removed;

    [[nodiscard]] Update update(int threads) const { return {interactions, added, removed, threads}; }
  };
  // `items`: how many there are by now.
  Changes take(std::size_t items);

  // What changed so far is known to whoever asks.
  void settle() { before_.clear(); }

  [[nodiscard]] bool changed() const { return !before_.empty(); }
  [[nodiscard]] std::size_t pairs() const { return pairs_; }
  [[nodiscard]] History history(UserIndex user) const;  // what he likes, oldest first, every item once, weight 1

 private:
  struct Opinion {
    ItemIndex item;
    float preference;
    UnixSeconds time;
  };
  // The opinion on this item; nullptr where there is none.
  [[nodiscard]] const Opinion* find(UserIndex user, ItemIndex item) const;

  std::vector<std::vector<Opinion>> rows_;     // by user, ascending items
  std::vector<std::vector<UserIndex>> users_;  // by item: whoever has an opinion
  std::size_t pairs_ = 0;
  // Pairs that changed since the last take(), with whether and since when they counted then.
  struct Before {
    bool liked;
    UnixSeconds time;
  };
  std::unordered_map<std::uint64_t, Before> before_;  // by user << 32 | item
};

}  // namespace zhiyin
