#include "base/json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <cmath>

namespace zhiyin {
namespace {

constexpr int kMaxDepth = 64;

Result<Json> convert(simdjson::dom::element element, int depth) {
  if (depth > kMaxDepth) return invalid(fmt::format("JSON is nested deeper than {} levels", kMaxDepth));
  switch (element.type()) {
    case simdjson::dom::element_type::NULL_VALUE: return Json();
    case simdjson::dom::element_type::BOOL: return Json(bool(element));
    case simdjson::dom::element_type::INT64: return Json(std::int64_t(element));
    case simdjson::dom::element_type::UINT64: return Json(static_cast<double>(std::uint64_t(element)));
    case simdjson::dom::element_type::DOUBLE: return Json(double(element));
    case simdjson::dom::element_type::STRING: return Json(std::string_view(element));
    case simdjson::dom::element_type::ARRAY: {
      Json::Array elements;
      for (const auto child : simdjson::dom::array(element)) {
        ZY_TRY(auto converted, convert(child, depth + 1));
        elements.push_back(std::move(converted));
      }
      return Json(std::move(elements));
    }
    case simdjson::dom::element_type::OBJECT: {
      Json::Object members;
      for (const auto& [name, child] : simdjson::dom::object(element)) {
        ZY_TRY(auto converted, convert(child, depth + 1));
        members.emplace_back(std::string(name), std::move(converted));
      }
      return Json(std::move(members));
    }
  }
  return internal("unknown JSON type");
}

const Json kNull;

}  // namespace

Result<Json> Json::parse(std::string_view text) {
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (const auto error = parser.parse(text.data(), text.size()).get(root); error != simdjson::SUCCESS) {
    return invalid(fmt::format("not valid JSON: {}", simdjson::error_message(error)));
  }
  return convert(root, 0);
}

std::string_view Json::type_name() const {
  if (is_null()) return "null";
  if (is_bool()) return "a boolean";
  if (is_number()) return "a number";
  if (is_string()) return "a string";
  return is_array() ? "an array" : "an object";
}

bool Json::as_bool(bool fallback) const {
  const auto* value = std::get_if<bool>(&value_);
  return value != nullptr ? *value : fallback;
}
std::int64_t Json::as_integer(std::int64_t fallback) const {
  if (const auto* value = std::get_if<std::int64_t>(&value_)) return *value;
  const auto* value = std::get_if<double>(&value_);
  if (value != nullptr && std::floor(*value) == *value && std::abs(*value) < 0x1p62)
    return static_cast<std::int64_t>(*value);
  return fallback;
}
double Json::as_number(double fallback) const {
  if (const auto* value = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*value);
  const auto* value = std::get_if<double>(&value_);
  return value != nullptr ? *value : fallback;
}
std::string_view Json::as_string(std::string_view fallback) const {
  const auto* value = std::get_if<std::string>(&value_);
  return value != nullptr ? std::string_view(*value) : fallback;
}
const Json::Array& Json::elements() const {
  static const Array empty;
  const auto* value = std::get_if<Array>(&value_);
  return value != nullptr ? *value : empty;
}
const Json::Object& Json::members() const {
  static const Object empty;
  const auto* value = std::get_if<Object>(&value_);
  return value != nullptr ? *value : empty;
}

const Json& Json::operator[](std::string_view name) const {
  for (const auto& [key, value] : members()) {
    if (key == name) return value;
  }
  return kNull;
}

void Json::set(std::string name, Json value) {
  if (is_null()) value_ = Object{};
  auto& object = std::get<Object>(value_);
  for (auto& [key, existing] : object) {
    if (key == name) {
      existing = std::move(value);
      return;
    }
  }
  object.emplace_back(std::move(name), std::move(value));
}

void Json::push(Json value) {
  if (is_null()) value_ = Array{};
  std::get<Array>(value_).push_back(std::move(value));
}

void Json::dump_to(std::string& out) const { write(out, -1); }

std::string Json::dump() const {
  std::string out;
  write(out, -1);
  return out;
}

std::string Json::pretty() const {
  std::string out;
  write(out, 0);
  return out;
}

// indent < 0: everything on one line.
void Json::write(std::string& out, int indent) const {
  const int inner = indent < 0 ? -1 : indent + 2;
  const auto break_line = [&](int depth) {
    if (depth < 0) return;
    out += '\n';
    out.append(static_cast<std::size_t>(depth), ' ');
  };
  const auto write_sequence = [&](char open, char close, const auto& sequence, const auto& write_one) {
    out += open;
    for (std::size_t i = 0; i < sequence.size(); ++i) {
      if (i > 0) out += ',';
      break_line(inner);
      write_one(sequence[i]);
    }
    if (!sequence.empty()) break_line(indent);
    out += close;
  };
  if (is_null()) {
    out += "null";
  } else if (is_bool()) {
    out += as_bool() ? "true" : "false";
  } else if (is_integer()) {
    fmt::format_to(std::back_inserter(out), "{}", std::get<std::int64_t>(value_));
  } else if (const auto* number = std::get_if<double>(&value_)) {
    if (std::isfinite(*number)) {
      fmt::format_to(std::back_inserter(out), "{}", *number);
    } else {
      out += "null";
    }
  } else if (is_string()) {
    append_json_string(out, as_string());
  } else if (is_array()) {
    write_sequence('[', ']', elements(), [&](const Json& element) { element.write(out, inner); });
  } else {
    write_sequence('{', '}', members(), [&](const Member& member) {
      append_json_string(out, member.first);
      out += indent < 0 ? ":" : ": ";
      member.second.write(out, inner);
    });
  }
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

bool is_utf8(std::string_view bytes) { return simdjson::validate_utf8(bytes.data(), bytes.size()); }

}  // namespace zhiyin
