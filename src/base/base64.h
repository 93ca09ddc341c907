// Base64 (RFC 4648), as JSON files carry bytes.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace zhiyin {

// Padding may be left out. An error names the first character that does not belong.
Result<std::string> from_base64(std::string_view text);

// The alphabet of section 5, which needs no escapes in an address; without padding.
std::string to_base64url(std::string_view bytes);
Result<std::string> from_base64url(std::string_view text);

}  // namespace zhiyin
