#include "domain/ids.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"

namespace zhiyin {

Result<void> check_id(std::string_view text, std::string_view field) {
  constexpr std::size_t kMaxBytes = 256;
  const auto refuse = [&](std::string why) { return invalid(fmt::format("{} {}", field, why), std::string(field)); };
  if (text.empty()) return refuse("is missing or empty: give an id of 1 to 256 bytes");
  if (text.size() > kMaxBytes)
    return refuse(fmt::format("is {} bytes long: at most {} are allowed", text.size(), kMaxBytes));
  if (!is_utf8(text)) return refuse("is not valid UTF-8");
  const bool control =
      std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (control) return refuse("contains a control character");
  return {};
}

}  // namespace zhiyin
