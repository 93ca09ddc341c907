#include "base/http/url.h"

#include <fmt/format.h>

namespace zhiyin::http {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

enum class Plus { kPlus, kSpace };

Result<std::string> decode(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  bool ascii = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return invalid("a \"%\" in the URL is not followed by two hex digits (\"%\" itself is %25)");
      c = static_cast<char>(high * 16 + low);
      i += 2;
      if (c == '\0') return invalid("the URL holds a NUL byte (%00)");
    } else if (c == '+' && plus == Plus::kSpace) {
      c = ' ';
    }
    ascii = ascii && static_cast<unsigned char>(c) < 0x80;
    out += c;
  }
  if (!ascii && !is_utf8(out)) return invalid("the URL, decoded, is not UTF-8");
  return out;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Result<std::string> percent_decode(std::string_view text) { return decode(text, Plus::kPlus); }

Result<std::vector<std::string>> split_path(std::string_view path) {
  std::vector<std::string> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.empty()) return segments;
  for (;;) {
    const auto slash = path.find('/');
    ZY_TRY(auto segment, decode(path.substr(0, slash), Plus::kPlus));
    segments.push_back(std::move(segment));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

Result<Parameters> parse_query(std::string_view query) {
  Parameters parameters;
  while (!query.empty()) {
    const auto ampersand = query.find('&');
    const auto pair = query.substr(0, ampersand);
    query.remove_prefix(ampersand == std::string_view::npos ? query.size() : ampersand + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    ZY_TRY(auto name, decode(pair.substr(0, equals), Plus::kSpace));
    std::string value;
    if (equals != std::string_view::npos) {
      ZY_TRY(value, decode(pair.substr(equals + 1), Plus::kSpace));
    }
    parameters.add(std::move(name), std::move(value));
  }
  return parameters;
}

Result<std::filesystem::path> path_inside(const std::filesystem::path& root, std::span<const std::string> segments) {
  auto path = root;
  for (const auto& segment : segments) {
    if (segment.empty() || segment.starts_with('.') || segment.find_first_of("/\\") != std::string::npos) {
      return not_found("no such file");
    }
    path /= segment;
  }
  return path;
}

}  // namespace zhiyin::http
