#include "match/model.h"

#include <fmt/format.h>

#include <algorithm>

namespace zhiyin {

Error not_updatable(std::string_view model) {
  return {ErrorCode::kConflict,
          fmt::format("this copy of {} was saved without what it needs to learn between trainings (\"{}...\" arrays): "
                      "run `zhiyin train`",
                      model, kUpdateOnly),
          {}};
}

std::vector<ItemIndex> changed_items(const Update& update) {
  std::vector<ItemIndex> items;
  for (const auto& cell : update.added) items.push_back(cell.item);
  for (const auto& cell : update.removed) items.push_back(cell.item);
  std::ranges::sort(items);
  const auto repeated = std::ranges::unique(items);
  items.erase(repeated.begin(), repeated.end());
  return items;
}

}  // namespace zhiyin
