// Base64 (RFC 4648, the standard alphabet) → bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace zhiyin {

// nullopt where a byte is not of the alphabet. Padding at the end may be there or not.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace zhiyin
