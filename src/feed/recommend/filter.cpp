#include "feed/recommend/filter.h"

#include <algorithm>

namespace zhiyin {

bool Filter::admits(const Item& item) const {
  const auto has = [&](const std::string& tag) { return std::ranges::find(item.tags, tag) != item.tags.end(); };
  const bool is_published = !published_by || !item.time || *item.time <= *published_by;
  return is_published && std::ranges::all_of(tags, has);
}

void restrict(const View& view, const Filter& filter, Bitmap& allowed) {
  if (filter.admits_all()) return;
  for (ItemIndex item = 0; item < allowed.size(); ++item) {
    if (allowed[item] && !filter.admits(view.item(item))) allowed.clear(item);
  }
}

}  // namespace zhiyin
