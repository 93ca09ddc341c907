// Old taggers write local encodings and declare them as Latin-1, or not at all.
#include <iconv.h>

#include <array>

#include "base/json.h"
#include "understand/media/tags.h"

namespace zhiyin {
namespace {

// Empty if the bytes are not in that encoding.
std::string converted(std::string_view bytes, const char* encoding) {
  const iconv_t converter = iconv_open("UTF-8", encoding);
  if (converter == reinterpret_cast<iconv_t>(-1)) return {};  // NOLINT: iconv's error value
  std::string in(bytes);
  std::string out(4 * bytes.size(), '\0');
  char* from = in.data();
  char* to = out.data();
  std::size_t left = in.size();
  std::size_t room = out.size();
  const auto code = iconv(converter, &from, &left, &to, &room);
  iconv_close(converter);
  if (code == static_cast<std::size_t>(-1) || left != 0) return {};
  out.resize(out.size() - room);
  return out;
}

void append_code_point(std::string& out, unsigned code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xc0U | (code >> 6U)));
    out.push_back(static_cast<char>(0x80U | (code & 0x3fU)));
  } else {
    out.push_back(static_cast<char>(0xe0U | (code >> 12U)));
    out.push_back(static_cast<char>(0x80U | ((code >> 6U) & 0x3fU)));
    out.push_back(static_cast<char>(0x80U | (code & 0x3fU)));
  }
}

// Windows-1252: every byte has a meaning; the five unassigned ones keep their number.
std::string from_windows_1252(std::string_view bytes) {
  static constexpr std::array<unsigned, 32> kUpper = {0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                                      0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,   0x017d, 0x8f,
                                                      0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                                      0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178};
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    append_code_point(out, byte >= 0x80 && byte < 0xa0 ? kUpper[byte - 0x80U] : byte);
  }
  return out;
}

// Whether all bytes above 127 come in pairs in the rows of GB 2312, at least `pairs` of them, mostly Chinese
// characters. Rows 0xB0 to 0xF7 hold characters, 0xA1 to 0xA9 signs. Western text has such bytes alone between letters.
bool looks_like_gb2312(std::string_view bytes, int pairs) {
  int characters = 0;
  int signs = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto first = static_cast<unsigned char>(bytes[i]);
    if (first < 0x80) continue;
    if (i + 1 >= bytes.size()) return false;
    const auto second = static_cast<unsigned char>(bytes[++i]);
    if (second < 0xa1 || second == 0xff) return false;
    if (first >= 0xb0 && first <= 0xf7) {
      ++characters;
    } else if (first >= 0xa1 && first <= 0xa9) {
      ++signs;
    } else {
      return false;
    }
  }
  return characters >= pairs && characters > signs;
}

// UTF-8 whose characters are all below U+0100 → those as bytes; empty otherwise.
std::string as_latin1(std::string_view utf8) {
  std::string out;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x80) {
      out.push_back(utf8[i]);
    } else if ((byte == 0xc2 || byte == 0xc3) && i + 1 < utf8.size()) {
      out.push_back(static_cast<char>(((byte & 3U) << 6U) | (static_cast<unsigned char>(utf8[++i]) & 0x3fU)));
    } else {
      return {};
    }
  }
  return out;
}

}  // namespace

std::string to_utf8(std::string_view bytes) {
  if (is_utf8(bytes)) {
    const auto latin1 = as_latin1(bytes);
    if (latin1.size() < bytes.size() && looks_like_gb2312(latin1, 2)) {
      if (auto text = converted(latin1, "GB18030"); !text.empty()) return text;
    }
    return std::string(bytes);
  }
  if (looks_like_gb2312(bytes, 1)) {
    if (auto text = converted(bytes, "GB18030"); !text.empty()) return text;
  }
  return from_windows_1252(bytes);
}

}  // namespace zhiyin
