// Where the items of a view stand on the live board: found by their ids once, and known from then on, for a table of ids
// costs a walk through memory at every look.
//
// 4 bytes an item. Thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "feed/live/live.h"
#include "feed/snapshot/view.h"

namespace zhiyin {

class ItemPlaces {
 public:
  explicit ItemPlaces(const Live& live) : live_(live) {}

  // What was done with each of these items of the view.
  [[nodiscard]] std::vector<ItemActivity> activities(const View& view, std::span<const ItemIndex> items) const;

 private:
  struct OfView {
    OfView(std::uint64_t serial, std::size_t items);
    const std::uint64_t serial;
    std::vector<std::atomic<std::uint32_t>> places;  // by item; Live::kNoPlace: not known
  };
  [[nodiscard]] std::shared_ptr<OfView> of(const View& view) const;

  const Live& live_;
  mutable std::shared_ptr<OfView> of_view_;  // by std::atomic_load and std::atomic_store only
};

}  // namespace zhiyin
