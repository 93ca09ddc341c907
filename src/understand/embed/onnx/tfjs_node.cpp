// The attributes of a node, in both spellings that TensorFlow.js writes.
#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/base64.h"
#include "understand/embed/onnx/tfjs_reader.h"

namespace zhiyin {
namespace {

template <typename T>
bool parse_number(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

bool to_integer(const Json& json, std::int64_t& value) {
  if (json.is_integer()) {
    value = json.as_integer();
    return true;
  }
  return json.is_string() && parse_number(json.as_string(), value);
}

bool to_text(const Json& json, std::string& text) {
  if (json.is_string()) {
    auto bytes = from_base64(json.as_string());
    if (bytes.ok()) text = std::move(bytes).value();
    return bytes.ok();
  }
  if (!json.is_array()) return false;
  for (const auto& byte : json.elements()) {
    if (!byte.is_integer() || byte.as_integer() < 0 || byte.as_integer() > 255) return false;
    text += static_cast<char>(byte.as_integer());
  }
  return true;
}

// DataType of TensorFlow, by number and by name. Half and double become float, all integers int64.
struct TypeName {
  std::int64_t number;
  std::string_view name;
  TfType type;
};
constexpr std::array kTypes = {
    TypeName{1, "DT_FLOAT", TfType::kFloat},   TypeName{2, "DT_DOUBLE", TfType::kFloat},
    TypeName{19, "DT_HALF", TfType::kFloat},   TypeName{3, "DT_INT32", TfType::kInteger},
    TypeName{9, "DT_INT64", TfType::kInteger}, TypeName{4, "DT_UINT8", TfType::kInteger},
    TypeName{6, "DT_INT8", TfType::kInteger},  TypeName{10, "DT_BOOL", TfType::kBool},
};

}  // namespace

Error TfNode::error(std::string_view what) const { return invalid(fmt::format("{} '{}': {}", op, name, what)); }

Result<std::int64_t> TfNode::integer(std::string_view attribute, std::int64_t fallback) const {
  const auto& json = attributes[attribute];
  if (json.is_null()) return fallback;
  std::int64_t value = 0;
  if (!to_integer(json["i"], value)) return error(fmt::format("attribute {} is not an integer", attribute));
  return value;
}

Result<double> TfNode::real(std::string_view attribute, double fallback) const {
  const auto& json = attributes[attribute];
  if (json.is_null()) return fallback;
  const auto& number = json["f"];
  double value = number.as_number();
  if (!number.is_number() && !(number.is_string() && parse_number(number.as_string(), value))) {
    return error(fmt::format("attribute {} is not a number", attribute));
  }
  return value;
}

Result<bool> TfNode::flag(std::string_view attribute, bool fallback) const {
  const auto& json = attributes[attribute];
  if (json.is_null()) return fallback;
  if (!json["b"].is_bool()) return error(fmt::format("attribute {} is not a boolean", attribute));
  return json["b"].as_bool();
}

Result<std::string> TfNode::text(std::string_view attribute, std::string_view fallback) const {
  const auto& json = attributes[attribute];
  if (json.is_null()) return std::string(fallback);
  std::string value;
  if (!to_text(json["s"], value)) return error(fmt::format("attribute {} is not a string", attribute));
  return value;
}

Result<std::vector<std::int64_t>> TfNode::integers(std::string_view attribute) const {
  std::vector<std::int64_t> values;
  for (const auto& element : attributes[attribute]["list"]["i"].elements()) {
    if (!to_integer(element, values.emplace_back())) {
      return error(fmt::format("attribute {} is not a list of integers", attribute));
    }
  }
  return values;
}

Result<std::vector<std::string>> TfNode::texts(std::string_view attribute) const {
  std::vector<std::string> values;
  for (const auto& element : attributes[attribute]["list"]["s"].elements()) {
    if (!to_text(element, values.emplace_back())) {
      return error(fmt::format("attribute {} is not a list of strings", attribute));
    }
  }
  return values;
}

Result<TfType> TfNode::type(std::string_view attribute) const {
  const auto& json = attributes[attribute]["type"];
  for (const auto& known : kTypes) {
    if (json.is_string() ? json.as_string() == known.name : json.as_integer(-1) == known.number) return known.type;
  }
  return error(fmt::format("attribute {} is {}, a type that is not supported", attribute, json.dump()));
}

}  // namespace zhiyin
