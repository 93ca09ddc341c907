// Small words about words: bytes in, bytes out, ASCII rules only (what needs Unicode is in understand/embed).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace zhiyin {

// Without the spaces, tabs and line ends at both ends. A view into `text`.
std::string_view trim(std::string_view text);

// The pieces between separators: "a,,b" has three, "" has one. Views into `text`.
std::vector<std::string_view> split(std::string_view text, char separator);

// A-Z as a-z, every other byte as it is.
std::string ascii_lower(std::string_view text);

// The fewest insertions, deletions, changes and swaps of neighbours that make a into b (optimal string alignment),
// in bytes.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate with the smallest edit distance to name, letter case aside; the first of equals; empty if there is no
// candidate. For messages: `unknown field "titel": did you mean "title"?`.
template <typename Names>
std::string nearest_name(std::string_view name, const Names& candidates) {
  const auto wanted = ascii_lower(name);
  std::string nearest;
  auto nearest_distance = static_cast<std::size_t>(-1);
  for (const auto& candidate : candidates) {
    const auto distance = edit_distance(wanted, ascii_lower(candidate));
    if (distance >= nearest_distance) continue;
    nearest_distance = distance;
    nearest = std::string(candidate);
  }
  return nearest;
}

}  // namespace zhiyin
