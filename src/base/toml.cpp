#include "base/toml.h"

#include <fmt/format.h>
// The only file that sees this library: its inline functions differ with this switch, so two files that set it
// differently are one program with two meanings.
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <sstream>

namespace zhiyin {
namespace {

Json convert(const toml::node& node, const std::string& path, Toml& out) {
  out.lines[path] = static_cast<int>(node.source().begin.line);
  const auto below = [&](std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
  };
  if (const auto* table = node.as_table()) {
    auto object = Json::object();
    for (const auto& [key, value] : *table) object.set(std::string(key.str()), convert(value, below(key.str()), out));
    return object;
  }
  if (const auto* array = node.as_array()) {
    auto list = Json::array();
    for (std::size_t i = 0; i < array->size(); ++i) list.push(convert((*array)[i], below(std::to_string(i)), out));
    return list;
  }
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return integer->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* boolean = node.as_boolean()) return boolean->get();
  std::ostringstream when;
  node.visit([&](const auto& value) {
    if constexpr (toml::is_date<decltype(value)> || toml::is_time<decltype(value)> ||
                  toml::is_date_time<decltype(value)>)
      when << value.get();
  });
  return when.str();
}

}  // namespace

int Toml::line_of(std::string_view path) const {
  const auto found = lines.find(path);
  return found == lines.end() ? 0 : found->second;
}

Result<Toml> parse_toml(std::string_view text) {
  const auto parsed = toml::parse(text);
  if (!parsed)
    return invalid(fmt::format("line {}: {}", parsed.error().source().begin.line, parsed.error().description()));
  Toml document;
  document.root = convert(parsed.table(), "", document);
  return document;
}

}  // namespace zhiyin
