// The files of a two-tower model that was trained elsewhere, in the terms of this home (match/content/served_tower.h).
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "domain/ids.h"
#include "match/content/served_tower.h"

namespace zhiyin {

struct TowerOptions {
  std::string user;           // an ONNX file, relative to the home; empty: there is none
  std::string items;          // .npy, a row an item, in the order of the lines of an items.txt beside it
  std::int64_t first_id = 0;  // what the network calls the first of them
};

// `items`: the catalogue's, whose rows the tower's become; what items.txt names besides is passed over. None where the
// options name none. Errors name the file.
Result<std::optional<ForeignTower>> read_foreign_tower(const std::filesystem::path& home, const TowerOptions& options,
                                                       std::span<const ItemId> items);

}  // namespace zhiyin
