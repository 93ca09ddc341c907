#include "understand/embed/text/normalise.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <cassert>

#include "understand/embed/text/unicode_text.h"

namespace zhiyin {
namespace {

const icu::Normalizer2& normaliser_of(UnicodeForm form) {
  UErrorCode code = U_ZERO_ERROR;
  const icu::Normalizer2* found = nullptr;
  switch (form) {
    case UnicodeForm::kNfc: found = icu::Normalizer2::getNFCInstance(code); break;
    case UnicodeForm::kNfd: found = icu::Normalizer2::getNFDInstance(code); break;
    case UnicodeForm::kNfkc: found = icu::Normalizer2::getNFKCInstance(code); break;
    case UnicodeForm::kNfkd: found = icu::Normalizer2::getNFKDInstance(code); break;
  }
  assert(U_SUCCESS(code) && "ICU's own data is missing");
  return *found;
}

// The blocks that BERT calls Chinese: Han with its extensions and compatibility forms, not kana and not Hangul.
bool is_chinese_to_bert(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
         (c >= 0x2A700 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

}  // namespace

std::string valid_utf8(std::string_view text) { return to_utf8(code_points(text)); }

std::string normalised(std::string_view text, UnicodeForm form) {
  UErrorCode code = U_ZERO_ERROR;
  const auto result = normaliser_of(form).normalize(
      icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())}), code);
  assert(U_SUCCESS(code));
  std::string utf8;
  return result.toUTF8String(utf8);
}

std::string lower_cased(std::string_view text) {
  std::string out;
  for (const auto c : code_points(text)) {
    if (c < 0x80) {
      out += static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    } else {
      icu::UnicodeString(static_cast<UChar32>(c)).toLower(icu::Locale::getRoot()).toUTF8String(out);
    }
  }
  return out;
}

std::string without_accents(std::string_view text) {
  std::u32string kept;
  for (const auto c : code_points(normalised(text, UnicodeForm::kNfd))) {
    if (u_charType(static_cast<UChar32>(c)) != U_NON_SPACING_MARK) kept += c;
  }
  return to_utf8(kept);
}

std::string cleaned(std::string_view text) {
  std::u32string kept;
  for (const auto c : code_points(text)) {
    if (is_white_space(c)) {
      kept += U' ';
    } else if (c != 0xFFFD && (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_C_MASK) == 0) {
      kept += c;
    }
  }
  return to_utf8(kept);
}

std::string with_han_apart(std::string_view text) {
  std::u32string apart;
  for (const auto c : code_points(text)) {
    if (is_chinese_to_bert(c)) {
      apart.append({U' ', c, U' '});
    } else {
      apart += c;
    }
  }
  return to_utf8(apart);
}

bool is_white_space(char32_t c) { return u_isUWhiteSpace(static_cast<UChar32>(c)) != 0; }

bool is_punctuation(char32_t c) {
  const bool ascii_sign =
      (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126);
  return ascii_sign || u_ispunct(static_cast<UChar32>(c)) != 0;
}

}  // namespace zhiyin
