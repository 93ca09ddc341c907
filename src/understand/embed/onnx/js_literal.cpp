#include "understand/embed/onnx/js_literal.h"

#include <fmt/format.h>

#include <charconv>

namespace zhiyin {
namespace {

constexpr int kDeepest = 64;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6U);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12U);
    out += static_cast<char>(0x80 | (code >> 6U & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | code >> 18U);
    out += static_cast<char>(0x80 | (code >> 12U & 0x3f));
    out += static_cast<char>(0x80 | (code >> 6U & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

// Recursive descent over one literal.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Json> value(int depth = 0) {
    if (depth > kDeepest) return wrong("it is nested too deeply");
    const char next = peek();
    if (next == '{') return object(depth);
    if (next == '[') return array(depth);
    if (next == '"' || next == '\'') {
      ZY_TRY(auto text, string());
      return Json(std::move(text));
    }
    if (is_digit(next) || next == '-' || next == '.') return number();
    for (const auto& [word, meaning] : kWords) {
      if (take_word(word)) return meaning;
    }
    return wrong("there is no literal");
  }

  bool at_end() {
    peek();
    return at_ == text_.size();
  }

  [[nodiscard]] Error wrong(std::string_view what) const { return invalid(fmt::format("byte {}: {}", at_, what)); }

 private:
  static inline const std::pair<std::string_view, Json> kWords[] = {
      {"true", true}, {"false", false}, {"null", nullptr}, {"!0", true}, {"!1", false}, {"void 0", nullptr}};

  // The next byte that is not blank, 0 at the end.
  char peek() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    const auto after = at_ + word.size();
    if (after < text_.size() && (is_letter(text_[after]) || is_digit(text_[after]))) return false;
    at_ = after;
    return true;
  }

  Result<Json> object(int depth) {
    take('{');
    Json::Object members;
    while (!take('}')) {
      ZY_TRY(auto name, key());
      if (!take(':')) return wrong("a colon is missing");
      ZY_TRY(auto member, value(depth + 1));
      members.emplace_back(std::move(name), std::move(member));
      if (!take(',') && peek() != '}') return wrong("a comma or } is missing");
    }
    return Json(std::move(members));
  }

  Result<Json> array(int depth) {
    take('[');
    Json::Array elements;
    while (!take(']')) {
      ZY_TRY(auto element, value(depth + 1));
      elements.push_back(std::move(element));
      if (!take(',') && peek() != ']') return wrong("a comma or ] is missing");
    }
    return Json(std::move(elements));
  }

  Result<std::string> key() {
    const char next = peek();
    if (next == '"' || next == '\'') return string();
    const auto from = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
    if (at_ == from) return wrong("a name is missing");
    return std::string(text_.substr(from, at_ - from));
  }

  Result<Json> number() {
    const auto* from = text_.data() + at_;
    const auto* end = text_.data() + text_.size();
    std::int64_t whole = 0;
    const auto as_integer = std::from_chars(from, end, whole);
    double real = 0;
    const auto as_real = std::from_chars(from, end, real);
    if (as_real.ec != std::errc()) return wrong("the number cannot be read");
    const bool is_whole = as_integer.ec == std::errc() && as_integer.ptr == as_real.ptr;
    at_ += static_cast<std::size_t>(as_real.ptr - from);
    if (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) return wrong("the number has a tail");
    return is_whole ? Json(whole) : Json(real);
  }

  Result<std::string> string() {
    const char quote = text_[at_++];
    std::string out;
    for (;;) {
      // Runs without escapes are taken whole: a shard is one string of megabytes.
      const auto stop = text_.find_first_of(quote == '"' ? "\"\\\n" : "'\\\n", at_);
      if (stop == std::string_view::npos || text_[stop] == '\n') return wrong("a string does not end");
      out += text_.substr(at_, stop - at_);
      at_ = stop + 1;
      if (text_[stop] == quote) return out;
      ZY_CHECK_OK(escape(out));
    }
  }

  Result<void> escape(std::string& out) {
    if (at_ == text_.size()) return wrong("a string does not end");
    const char c = text_[at_++];
    static constexpr std::string_view kLetters = "nrtbfv0";
    static constexpr std::string_view kMeanings("\n\r\t\b\f\v\0", 7);
    if (const auto known = kLetters.find(c); known != std::string_view::npos) {
      out += kMeanings[known];
    } else if (c == 'x' || c == 'u') {
      ZY_TRY(auto code, hex(c == 'x' ? 2 : 4));
      const bool high = code >= 0xd800 && code < 0xdc00;  // the first half of a pair
      if (high && text_.substr(at_).starts_with("\\u")) {
        at_ += 2;
        ZY_TRY(const auto low, hex(4));
        if (low < 0xdc00 || low > 0xdfff) return wrong("an escape is half of a pair");
        code = 0x10000 + ((code - 0xd800) << 10U) + (low - 0xdc00);
      }
      if ((code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return wrong("an escape is half of a pair");
      append_utf8(out, code);
    } else if (c != '\n') {  // an escaped line end joins two lines
      out += c;
    }
    return {};
  }

  Result<std::uint32_t> hex(std::size_t digits) {
    std::uint32_t code = 0;
    const auto text = text_.substr(at_, digits);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code, 16);
    if (text.size() != digits || error != std::errc() || end != text.data() + digits)
      return wrong("an escape is not hexadecimal");
    at_ += digits;
    return code;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<Json> parse_js_literal(std::string_view text) {
  Parser parser(text);
  ZY_TRY(auto value, parser.value());
  if (!parser.at_end()) return parser.wrong("something follows the literal");
  return value;
}

Result<Json> js_module_export(std::string_view module) {
  static constexpr std::string_view kAssignment = ".exports=";
  for (auto at = module.find(kAssignment); at != std::string_view::npos; at = module.find(kAssignment, at + 1)) {
    const auto literal = module.substr(at + kAssignment.size());
    // "module.exports=f()" of the wrapper is not the one that is meant.
    if (literal.empty() || std::string_view("{[\"'").find(literal.front()) == std::string_view::npos) continue;
    return Parser(literal).value();
  }
  return invalid("the module exports no literal");
}

}  // namespace zhiyin
