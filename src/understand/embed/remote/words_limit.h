// Words that go to somebody else, cut to a length.
#pragma once

#include <string_view>

namespace zhiyin {

// At most so many bytes, no character cut in two.
inline std::string_view limited(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return text.substr(0, bytes);
}

}  // namespace zhiyin
