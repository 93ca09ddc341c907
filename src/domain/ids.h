// Ids that outsiders give: any UTF-8 text of 1 to 256 bytes without control characters. An item's id is never a user's.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace zhiyin {

template <typename Tag>
struct Id {
  std::string value;

  Id() = default;
  explicit Id(std::string text) : value(std::move(text)) {}
  explicit Id(std::string_view text) : value(text) {}
  explicit Id(const char* text) : value(text) {}
  auto operator<=>(const Id&) const = default;
};

using ItemId = Id<struct ItemTag>;
using UserId = Id<struct UserTag>;

// An error names the field and what is wrong with the text.
Result<void> check_id(std::string_view text, std::string_view field);

}  // namespace zhiyin

template <typename Tag>
struct std::hash<zhiyin::Id<Tag>> {
  // Not noexcept, on purpose: libstdc++ then keeps the hash with each node, in place of hashing every id of a bucket
  // again whenever it looks for one.
  std::size_t operator()(const zhiyin::Id<Tag>& id) const { return std::hash<std::string>{}(id.value); }
};
