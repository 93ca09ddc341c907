// What was learned between trainings, laid over the snapshot: the collaborative model as it is by now, with rows for
// items that came since. Made aside on a thread of its own (learn/online.h) and swapped in; immutable.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "feed/snapshot/snapshot.h"

namespace zhiyin {

struct Overlay {
  std::shared_ptr<const Snapshot> base;          // the one that it is laid over; rows 0.. are base->items
  std::shared_ptr<const Model> model;            // in place of base->recommender
  std::vector<ItemIndex> changed;                // rows that are not as in base, ascending, added ones among them
  std::vector<ItemId> added;                     // rows behind those
  std::unordered_map<ItemId, ItemIndex> row_of;  // of what was added
  Offset offset = 0;                             // events up to here are known

  [[nodiscard]] std::optional<ItemIndex> row(const ItemId& item) const {
    const auto found = row_of.find(item);
    return found == row_of.end() ? std::nullopt : std::optional(found->second);
  }
};

}  // namespace zhiyin
