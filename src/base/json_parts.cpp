#include "base/json_parts.h"

#include "base/text.h"

namespace zhiyin {
namespace {

// The place after the string that begins at `at`; npos where it does not end.
std::size_t after_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at + 1;
  }
  return std::string_view::npos;
}

}  // namespace

std::optional<std::vector<std::string_view>> json_parts(std::string_view text) {
  text = trim(text);
  if (text.empty() || (text.front() != '[' && text.front() != '{')) return std::nullopt;
  std::vector<std::string_view> parts;
  std::vector<char> open;  // what closes the brackets that are open, outermost first
  std::size_t begin = 1;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"') {
      i = after_string(text, i);
      if (i == std::string_view::npos) return std::nullopt;
      continue;
    }
    if (c == '[' || c == '{') open.push_back(c == '[' ? ']' : '}');
    if (c == ',' && open.size() == 1) {
      parts.push_back(trim(text.substr(begin, i - begin)));
      begin = i + 1;
    }
    if (c == ']' || c == '}') {
      if (open.back() != c) return std::nullopt;
      open.pop_back();
      if (open.empty() && i + 1 != text.size()) return std::nullopt;
    }
    ++i;
  }
  if (!open.empty()) return std::nullopt;
  const auto last = trim(text.substr(begin, text.size() - 1 - begin));
  if (!last.empty() || !parts.empty()) parts.push_back(last);
  return parts;
}

std::pair<std::string_view, std::string_view> json_member(std::string_view part) {
  if (!part.starts_with('"')) return {};
  const auto end = after_string(part, 0);
  if (end == std::string_view::npos) return {};
  const auto rest = trim(part.substr(end));
  if (!rest.starts_with(':')) return {};
  return {part.substr(1, end - 2), trim(rest.substr(1))};
}

}  // namespace zhiyin
