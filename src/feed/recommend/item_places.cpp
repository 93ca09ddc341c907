#include "feed/recommend/item_places.h"

#include <algorithm>

namespace zhiyin {

ItemPlaces::OfView::OfView(std::uint64_t of, std::size_t items) : serial(of), places(items) {
  for (auto& place : places) place.store(Live::kNoPlace, std::memory_order_relaxed);
}

std::shared_ptr<ItemPlaces::OfView> ItemPlaces::of(const View& view) const {
  auto known = std::atomic_load(&of_view_);
  if (known != nullptr && known->serial == view.serial()) return known;
  known = std::make_shared<OfView>(view.serial(), view.items().size());
  std::atomic_store(&of_view_, known);
  return known;
}

std::vector<ItemActivity> ItemPlaces::activities(const View& view, std::span<const ItemIndex> items) const {
  const auto known = of(view);
  std::vector<std::uint32_t> places;
  places.reserve(items.size());
  for (const auto item : items) {
    auto place = known->places[item].load(std::memory_order_relaxed);
    if (place == Live::kNoPlace) {
      place = live_.place(view.item(item).id);
      known->places[item].store(place, std::memory_order_relaxed);
    }
    places.push_back(place);
  }
  return live_.activities(places);
}

}  // namespace zhiyin
