#include "understand/embed/text/unicode_text.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <cassert>

namespace zhiyin {
namespace {

icu::UnicodeString from_utf8(std::string_view utf8) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(utf8.data(), static_cast<std::int32_t>(utf8.size())));
}

std::u32string to_code_points(const icu::UnicodeString& text) {
  std::u32string characters;
  characters.reserve(static_cast<std::size_t>(text.length()));
  for (std::int32_t i = 0; i < text.length();) {
    const auto c = text.char32At(i);
    characters += static_cast<char32_t>(c);
    i += U16_LENGTH(c);
  }
  return characters;
}

std::u32string normalised(std::string_view utf8, const icu::Normalizer2* form) {
  UErrorCode error = U_ZERO_ERROR;
  const auto result = form->normalize(from_utf8(utf8), error);
  assert(U_SUCCESS(error));
  return to_code_points(result);
}

const icu::Normalizer2* form(const icu::Normalizer2* (*get)(UErrorCode&)) {
  UErrorCode error = U_ZERO_ERROR;
  const auto* normalizer = get(error);
  assert(U_SUCCESS(error) && "ICU's own data is missing");
  return normalizer;
}

}  // namespace

std::u32string nfkc(std::string_view utf8) {
  static const auto* normalizer = form(icu::Normalizer2::getNFKCInstance);
  return normalised(utf8, normalizer);
}

std::u32string nfkc_casefold(std::string_view utf8) {
  static const auto* normalizer = form(icu::Normalizer2::getNFKCCasefoldInstance);
  return normalised(utf8, normalizer);
}

std::u32string code_points(std::string_view utf8) { return to_code_points(from_utf8(utf8)); }

std::string to_utf8(std::u32string_view text) {
  std::string utf8;
  icu::UnicodeString::fromUTF32(reinterpret_cast<const UChar32*>(text.data()), static_cast<std::int32_t>(text.size()))
      .toUTF8String(utf8);
  return utf8;
}

CharacterClass character_class(char32_t c) {
  const auto character = static_cast<UChar32>(c);
  if ((U_GET_GC_MASK(character) & U_GC_M_MASK) != 0) return CharacterClass::kMark;
  if (u_isdigit(character)) return CharacterClass::kDigit;
  if (!u_isalpha(character)) return CharacterClass::kOther;
  UErrorCode error = U_ZERO_ERROR;
  switch (uscript_getScript(character, &error)) {
    case USCRIPT_LATIN: return CharacterClass::kLatin;
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_BOPOMOFO:
    case USCRIPT_HANGUL: return CharacterClass::kCjk;
    default: return CharacterClass::kLetter;
  }
}

bool is_han(char32_t c) {
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(static_cast<UChar32>(c), &error) == USCRIPT_HAN;
}

}  // namespace zhiyin
