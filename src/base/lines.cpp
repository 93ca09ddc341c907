#include "base/lines.h"

#include <algorithm>

#include "base/text.h"

namespace zhiyin {

std::optional<std::string_view> Lines::next() {
  while (!rest_.empty()) {
    const auto end = std::min(rest_.find('\n'), rest_.size());
    const auto line = trim(rest_.substr(0, end));
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++number_;
    if (!line.empty()) return line;
  }
  return std::nullopt;
}

}  // namespace zhiyin
