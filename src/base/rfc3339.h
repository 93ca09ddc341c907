// Dates as text (RFC 3339): "2022-08-07T00:26:46Z".
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace zhiyin {

// In UTC; years 0001 to 9999, what lies outside is brought to the nearest end.
std::string to_rfc3339(UnixSeconds time);

// Also taken: a space for the T, no zone (then UTC), and a day alone. Fractions of a second are dropped.
Result<UnixSeconds> from_rfc3339(std::string_view text);

}  // namespace zhiyin
