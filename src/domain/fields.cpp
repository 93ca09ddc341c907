#include "domain/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "domain/ids.h"

namespace zhiyin {
namespace {

Error wrong(std::string_view field, std::string why) {
  return invalid(fmt::format("{} {}", field, why), std::string(field));
}

Error wrong_type(std::string_view field, const Json& value, std::string_view needed) {
  return wrong(field, fmt::format("is {}: give {}", value.type_name(), needed));
}

}  // namespace

Result<void> check_fields(const Json& json, std::span<const std::string_view> known) {
  if (!json.is_object())
    return invalid(fmt::format("is {}: give an object with \"{}\"", json.type_name(), fmt::join(known, "\", \"")));
  for (const auto& [name, value] : json.members()) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const auto shown = std::string_view(name).substr(0, 64);  // a message is no place for a long stranger
    return invalid(fmt::format("unknown field \"{}\": did you mean \"{}\"?", is_utf8(shown) ? shown : "...",
                               nearest_name(shown, known)),
                   std::string(shown));
  }
  return {};
}

Result<void> check_text(std::string_view text, std::string_view field, TextRule rule) {
  if (text.size() > rule.max_bytes) {
    return wrong(field, fmt::format("is {} bytes long: at most {} are allowed", text.size(), rule.max_bytes));
  }
  if (!is_utf8(text)) return wrong(field, "is not valid UTF-8");
  const auto control = [&](char c) {
    const bool line = c == '\n' || c == '\r' || c == '\t';
    return (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) && !(line && rule.lines);
  };
  if (std::ranges::any_of(text, control)) return wrong(field, "contains a control character");
  return {};
}

Result<std::string> text_field(const Json& json, std::string_view field, TextRule rule) {
  const auto& value = json[field];
  if (value.is_null()) return std::string();
  if (!value.is_string()) return wrong_type(field, value, "a string");
  ZY_CHECK_OK(check_text(value.as_string(), field, rule));
  return std::string(value.as_string());
}

Result<std::string> id_field(const Json& json, std::string_view field) {
  const auto& value = json[field];
  if (!value.is_null() && !value.is_string()) return wrong_type(field, value, "a string of 1 to 256 bytes");
  ZY_CHECK_OK(check_id(value.as_string(), field));
  return std::string(value.as_string());
}

Result<std::optional<double>> number_field(const Json& json, std::string_view field) {
  const auto& value = json[field];
  if (value.is_null()) return std::optional<double>();
  if (!value.is_number()) return wrong_type(field, value, "a number");
  if (!std::isfinite(value.as_number())) return wrong(field, "is not a finite number");
  return std::optional(value.as_number());
}

Result<std::optional<std::int64_t>> integer_field(const Json& json, std::string_view field) {
  ZY_TRY(const auto number, number_field(json, field));
  if (!number.has_value()) return std::optional<std::int64_t>();
  if (std::floor(*number) != *number || std::abs(*number) > 0x1p53)
    return wrong(field, fmt::format("is {}: give a whole number", *number));
  return std::optional(json[field].as_integer());
}

Result<std::optional<bool>> bool_field(const Json& json, std::string_view field) {
  const auto& value = json[field];
  if (value.is_null()) return std::optional<bool>();
  if (!value.is_bool()) return wrong_type(field, value, "true or false");
  return std::optional(value.as_bool());
}

Result<Json> object_field(const Json& json, std::string_view field, std::size_t max_bytes) {
  const auto& value = json[field];
  if (value.is_null()) return Json();
  if (!value.is_object()) return wrong_type(field, value, "an object");
  if (value.members().empty()) return Json();
  const auto written = value.dump();
  if (written.size() > max_bytes)
    return wrong(field, fmt::format("is {} bytes long: at most {} are allowed", written.size(), max_bytes));
  if (!is_utf8(written)) return wrong(field, "is not valid UTF-8");
  return value;
}

}  // namespace zhiyin
