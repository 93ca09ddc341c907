#include "understand/embed/text/charsmap.h"

#include <fmt/format.h>

#include <cstring>

namespace zhiyin {
namespace {

// A unit of the double array: the label of the edge to it in the low byte (the top bit set where it is a value
// instead), whether a value hangs below it, and where its children are.
constexpr std::uint32_t kValueBit = 1U << 31U;
std::uint32_t label(std::uint32_t unit) { return unit & (kValueBit | 0xFFU); }
bool has_value(std::uint32_t unit) { return (unit >> 8U & 1U) != 0; }
std::uint32_t children(std::uint32_t unit) { return unit >> 10U << ((unit & (1U << 9U)) >> 6U); }

}  // namespace

Result<Charsmap> Charsmap::from_bytes(std::string_view bytes) {
  std::uint32_t size = 0;
  if (bytes.size() >= sizeof size) std::memcpy(&size, bytes.data(), sizeof size);
  if (size == 0 || size % sizeof size != 0 || size > bytes.size() - sizeof size) {
    return invalid(fmt::format("the table of characters is damaged: a trie of {} bytes in {}", size, bytes.size()));
  }
  Charsmap map;
  map.units_.resize(size / sizeof size);
  std::memcpy(map.units_.data(), bytes.data() + sizeof size, size);
  map.texts_ = bytes.substr(sizeof size + size);
  return map;
}

std::string Charsmap::apply(std::string_view utf8) const {
  std::string out;
  for (std::size_t at = 0; at < utf8.size();) {
    std::size_t matched = 0;
    std::size_t text = 0;
    std::uint32_t node = children(units_[0]);
    for (std::size_t i = at; i < utf8.size(); ++i) {
      const auto byte = static_cast<unsigned char>(utf8[i]);
      node ^= byte;
      if (node >= units_.size() || label(units_[node]) != byte) break;
      const auto unit = units_[node];
      node ^= children(unit);
      if (!has_value(unit) || node >= units_.size()) continue;
      matched = i + 1 - at;
      text = units_[node] & ~kValueBit;
    }
    if (matched > 0) {
      if (text < texts_.size())
        out += std::string_view(texts_).substr(text, std::string_view(texts_).find('\0', text) - text);
      at += matched;
      continue;
    }
    do {
      out += utf8[at++];
    } while (at < utf8.size() && (static_cast<unsigned char>(utf8[at]) & 0xC0U) == 0x80U);
  }
  return out;
}

}  // namespace zhiyin
