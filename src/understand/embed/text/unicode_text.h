// The little of Unicode that text encoders need (ICU behind it). Invalid UTF-8 becomes U+FFFD, never an error.
// Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace zhiyin {

// Compatibility composition (NFKC): full-width forms, ligatures and the like become what they stand for.
std::u32string nfkc(std::string_view utf8);

// The same with case folded and invisible characters dropped (NFKC_Casefold): equal for what a reader takes as equal.
std::u32string nfkc_casefold(std::string_view utf8);

// Between UTF-8 and code points, nothing changed.
std::u32string code_points(std::string_view utf8);
std::string to_utf8(std::u32string_view text);

// How many bytes a character takes whose first byte this is; 1 for a byte that starts none.
constexpr std::size_t utf8_length(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

enum class CharacterClass {
  kOther,  // spaces, punctuation, symbols, emoji
  kDigit,
  kLatin,
  kCjk,     // Han, kana, bopomofo, Hangul: a character says about as much as half a word
  kLetter,  // of any other script
  kMark,    // combines with what stands before it
};
CharacterClass character_class(char32_t c);

// A Chinese character, as distinct from kana, Hangul and bopomofo.
bool is_han(char32_t c);

}  // namespace zhiyin
