// Reading the fields of a JSON object one by one, each with its check. Errors carry the field at fault.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace zhiyin {

// The JSON is an object, and every member's name is one of `known`: else the error names the nearest one.
Result<void> check_fields(const Json& json, std::span<const std::string_view> known);

// What text a field may hold. `lines`: line ends and tabs are allowed; other control characters never are.
struct TextRule {
  std::size_t max_bytes;
  bool lines = false;
};

// The member as text; "" where it is absent or null.
Result<std::string> text_field(const Json& json, std::string_view field, TextRule rule);
Result<void> check_text(std::string_view text, std::string_view field, TextRule rule);

// The member as an id: it must be there.
Result<std::string> id_field(const Json& json, std::string_view field);

// The member as a finite number, a whole number, a boolean; nothing where it is absent or null.
Result<std::optional<double>> number_field(const Json& json, std::string_view field);
Result<std::optional<std::int64_t>> integer_field(const Json& json, std::string_view field);
Result<std::optional<bool>> bool_field(const Json& json, std::string_view field);

// The member as an object of at most max_bytes when written; null where it is absent, null or empty.
Result<Json> object_field(const Json& json, std::string_view field, std::size_t max_bytes);

}  // namespace zhiyin
