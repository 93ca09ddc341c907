#include "learn/foreign_tower.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/file.h"
#include "base/log.h"
#include "base/tensors.h"

namespace zhiyin {

Result<std::optional<ForeignTower>> read_foreign_tower(const std::filesystem::path& home, const TowerOptions& options,
                                                       std::span<const ItemId> items) {
  if (options.user.empty()) return std::optional<ForeignTower>();
  ForeignTower tower;
  ZY_TRY(tower.network, read_file(home / options.user).in("tower.user"));
  const auto file = home / options.items;
  ZY_TRY(const auto array, read_npy(file).in("tower.items"));
  if (array.shape.size() != 2 || array.shape[1] == 0)
    return invalid(
        fmt::format("{}: it has {} dimensions; items x numbers are needed", file.string(), array.shape.size()),
        "tower.items");
  const auto names_file = file.parent_path() / "items.txt";
  ZY_TRY(const auto text, read_file(names_file).in("tower.items"));
  std::unordered_map<std::string_view, std::size_t> row_of;
  std::size_t rows = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    auto name = rest.substr(0, end);
    if (name.ends_with('\r')) name.remove_suffix(1);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!row_of.emplace(name, rows++).second)
      return invalid(fmt::format("{}:{}: {} stands in it twice", names_file.string(), rows, name), "tower.items");
  }
  if (rows != array.shape[0])
    return invalid(
        fmt::format("{} names {} items, {} has {} rows", names_file.string(), rows, file.string(), array.shape[0]),
        "tower.items");
  tower.dim = array.shape[1];
  tower.vectors.assign(items.size() * tower.dim, 0.0F);
  tower.ids.assign(items.size(), -1);
  std::size_t known = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto found = row_of.find(items[i].value);
    if (found == row_of.end()) continue;
    ++known;
    tower.ids[i] = options.first_id + static_cast<std::int64_t>(found->second);
    std::copy_n(array.values.begin() + static_cast<std::ptrdiff_t>(found->second * tower.dim), tower.dim,
                tower.vectors.begin() + static_cast<std::ptrdiff_t>(i * tower.dim));
  }
  log_info("the tower knows {} of {} items", known, items.size());
  return std::optional(std::move(tower));
}

}  // namespace zhiyin
