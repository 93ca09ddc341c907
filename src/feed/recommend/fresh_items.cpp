#include "feed/recommend/fresh_items.h"

#include <algorithm>

namespace zhiyin {

std::shared_ptr<const std::vector<ItemIndex>> FreshItems::of(const View& view) {
  const std::scoped_lock lock(mutex_);
  const bool is_new = view_ != view.serial();
  std::vector<ItemIndex> touched;
  active_ = live_.each_item_from(is_new ? 0 : active_, [&](const ItemId& id, const ItemActivity&) {
    if (const auto item = view.find(id)) touched.push_back(*item);
  });
  if (!is_new && touched.empty()) return items_;
  auto items = std::make_shared<std::vector<ItemIndex>>();
  if (is_new) {
    auto fresh = view.shown();
    for (const auto item : touched) fresh.clear(item);
    fresh.each([&](std::size_t item) { items->push_back(static_cast<ItemIndex>(item)); });
  } else {
    std::ranges::sort(touched);
    std::ranges::set_difference(*items_, touched, std::back_inserter(*items));
  }
  view_ = view.serial();
  items_ = std::move(items);
  return items_;
}

}  // namespace zhiyin
