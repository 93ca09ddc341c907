// JSON as a value: what a request, a manifest or a line of a file says. Parsing is strict (simdjson: UTF-8 checked,
// no comments, no trailing commas); writing escapes and never produces NaN (null instead).
// Numbers keep whether they were whole: 3 is an integer, 3.0 is not.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace zhiyin {

class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;  // in the order written

  Json() = default;  // null
  Json(std::nullptr_t) {}
  Json(bool value) : value_(value) {}
  Json(int value) : value_(std::int64_t{value}) {}
  Json(unsigned value) : value_(std::int64_t{value}) {}
  Json(long value) : value_(std::int64_t{value}) {}
  Json(long long value) : value_(static_cast<std::int64_t>(value)) {}
  Json(unsigned long value) : value_(static_cast<std::int64_t>(value)) {}
  Json(double value) : value_(value) {}
  Json(float value) : value_(double{value}) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}

  static Json object(std::initializer_list<Member> members = {}) { return Json(Object(members)); }
  static Json array(std::initializer_list<Json> elements = {}) { return Json(Array(elements)); }

  // An error names the byte at fault where simdjson knows it. Depth is limited to 64.
  static Result<Json> parse(std::string_view text);

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  [[nodiscard]] bool is_bool() const { return std::holds_alternative<bool>(value_); }
  [[nodiscard]] bool is_integer() const { return std::holds_alternative<std::int64_t>(value_); }
  [[nodiscard]] bool is_number() const { return is_integer() || std::holds_alternative<double>(value_); }
  [[nodiscard]] bool is_string() const { return std::holds_alternative<std::string>(value_); }
  [[nodiscard]] bool is_array() const { return std::holds_alternative<Array>(value_); }
  [[nodiscard]] bool is_object() const { return std::holds_alternative<Object>(value_); }
  [[nodiscard]] std::string_view type_name() const;

  // The value if it is of that type, else the fallback.
  [[nodiscard]] bool as_bool(bool fallback = false) const;
  [[nodiscard]] std::int64_t as_integer(std::int64_t fallback = 0) const;  // whole numbers only
  [[nodiscard]] double as_number(double fallback = 0) const;
  [[nodiscard]] std::string_view as_string(std::string_view fallback = {}) const;
  [[nodiscard]] const Array& elements() const;  // empty unless an array
  [[nodiscard]] const Object& members() const;  // empty unless an object

  // The member of that name, or null. Cost: linear in the members.
  [[nodiscard]] const Json& operator[](std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return !(*this)[name].is_null(); }

  void set(std::string name, Json value);  // makes this an object if it is null
  void push(Json value);                   // makes this an array if it is null

  [[nodiscard]] std::string dump() const;    // on one line
  [[nodiscard]] std::string pretty() const;  // indented by two
  void dump_to(std::string& out) const;

 private:
  void write(std::string& out, int indent) const;
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

// Appends text as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

// Whether the bytes are valid UTF-8.
bool is_utf8(std::string_view bytes);

}  // namespace zhiyin
