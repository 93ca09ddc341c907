// The items of a view that nobody has done anything with yet: kept from request to request, and brought up to date with
// what happened in between.
//
// Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "feed/live/live.h"
#include "feed/snapshot/view.h"

namespace zhiyin {

class FreshItems {
 public:
  explicit FreshItems(const Live& live) : live_(live) {}

  // Catalogue rows, ascending, shown ones only. Costs a pass over the catalogue for a view it has not seen, else what
  // is new since the last call.
  std::shared_ptr<const std::vector<ItemIndex>> of(const View& view);

 private:
  const Live& live_;
  std::mutex mutex_;
  std::uint64_t view_ = 0;                               // guarded by mutex_: the serial of the view that items_ is of
  std::size_t active_ = 0;                               // guarded by mutex_: active items that have been taken out
  std::shared_ptr<const std::vector<ItemIndex>> items_;  // guarded by mutex_
};

}  // namespace zhiyin
