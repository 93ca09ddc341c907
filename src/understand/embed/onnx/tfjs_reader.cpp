#include "understand/embed/onnx/tfjs_reader.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/base64.h"
#include "base/file.h"
#include "understand/embed/onnx/js_literal.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMaxElements = std::int64_t{1} << 31U;  // of one weight

// IEEE 754 half precision, subnormals, infinities and NaN included.
float half_to_float(std::uint16_t half) {
  const int exponent = half >> 10U & 31;
  const int fraction = half & 1023;
  const float sign = (half & 0x8000) != 0 ? -1.0F : 1.0F;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  if (exponent == 31) {
    return fraction != 0 ? std::numeric_limits<float>::quiet_NaN() : sign * std::numeric_limits<float>::infinity();
  }
  return sign * std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
}

// How a weight lies in the shards: the stored element, and what it means.
struct Encoding {
  enum class Element { kF32, kF16, kI32, kU8, kU16 };
  Element element = Element::kF32;
  TfType type = TfType::kFloat;
  bool quantised = false;  // value = stored * scale + minimum
  float scale = 1;
  float minimum = 0;

  [[nodiscard]] std::size_t bytes() const {
    switch (element) {
      case Element::kF32:
      case Element::kI32: return 4;
      case Element::kF16:
      case Element::kU16: return 2;
      case Element::kU8: return 1;
    }
    return 0;
  }
};

Result<Encoding> encoding_of(const Json& weight) {
  using enum Encoding::Element;
  const auto dtype = weight["dtype"].as_string();
  Encoding encoding;
  if (dtype == "float32") {
    encoding.element = kF32;
  } else if (dtype == "int32") {
    encoding = {.element = kI32, .type = TfType::kInteger};
  } else if (dtype == "bool") {
    encoding = {.element = kU8, .type = TfType::kBool};
  } else {
    return invalid(fmt::format("dtype {} is not supported", weight["dtype"].dump()));
  }
  const auto& quantisation = weight["quantization"];
  if (quantisation.is_null()) return encoding;
  const auto stored = quantisation["dtype"].as_string();
  if (stored == "float16") {
    encoding.element = kF16;
  } else if (stored == "uint8" || stored == "uint16") {
    encoding.element = stored == "uint8" ? kU8 : kU16;
    encoding.quantised = true;
    encoding.scale = static_cast<float>(quantisation["scale"].as_number(1));
    encoding.minimum = static_cast<float>(quantisation["min"].as_number(0));
  } else {
    return invalid(fmt::format("quantisation {} is not supported", quantisation["dtype"].dump()));
  }
  return encoding;
}

template <typename T>
T element_at(std::string_view bytes, std::size_t index) {
  T value;
  std::memcpy(&value, bytes.data() + index * sizeof value, sizeof value);
  return value;
}

float real_at(std::string_view bytes, std::size_t index, const Encoding& encoding) {
  float value = 0;
  switch (encoding.element) {
    case Encoding::Element::kF32: return element_at<float>(bytes, index);
    case Encoding::Element::kF16: return half_to_float(element_at<std::uint16_t>(bytes, index));
    case Encoding::Element::kI32: value = static_cast<float>(element_at<std::int32_t>(bytes, index)); break;
    case Encoding::Element::kU8: value = element_at<std::uint8_t>(bytes, index); break;
    case Encoding::Element::kU16: value = element_at<std::uint16_t>(bytes, index); break;
  }
  return value * encoding.scale + encoding.minimum;
}

std::int64_t integer_at(std::string_view bytes, std::size_t index, const Encoding& encoding) {
  if (encoding.quantised) return std::llround(real_at(bytes, index, encoding));
  if (encoding.element == Encoding::Element::kU8) return element_at<std::uint8_t>(bytes, index) != 0 ? 1 : 0;
  return element_at<std::int32_t>(bytes, index);
}

Result<std::int64_t> read_shape(const Json& json, std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (const auto& extent : json.elements()) {
    shape.push_back(extent.as_integer(-1));
    if (shape.back() < 0 || (shape.back() > 0 && count > kMaxElements / shape.back())) {
      return invalid(fmt::format("shape {} is not one that a weight can have", json.dump()));
    }
    count *= shape.back();
  }
  return count;
}

// Takes the weight's bytes off the front of `bytes`.
Result<TfTensor> read_weight(const Json& json, std::string_view& bytes) {
  ZY_TRY(const auto encoding, encoding_of(json));
  TfTensor tensor{.type = encoding.type};
  ZY_TRY(const auto count, read_shape(json["shape"], tensor.shape));
  const auto size = static_cast<std::size_t>(count) * encoding.bytes();
  if (size > bytes.size()) return corrupt("the shards end before it does: download the model again");
  if (tensor.is_float()) {
    std::vector<float> values(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = real_at(bytes, i, encoding);
    tensor.values = std::move(values);
  } else {
    std::vector<std::int64_t> values(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = integer_at(bytes, i, encoding);
    tensor.values = std::move(values);
  }
  bytes.remove_prefix(size);
  return tensor;
}

// The bytes of a shard: the file of that name; of a model that is a JavaScript module, what the module beside it
// exports.
Result<std::string> read_shard(const fs::path& folder, const std::string& name, bool packed) {
  if (!packed) return read_file(folder / name);
  const auto file = folder / (name + ".min.js");
  ZY_TRY(const auto module, read_file(file));
  ZY_TRY(const auto exported, js_module_export(module).in(file.string()));
  return from_base64(exported.as_string()).in(file.string());
}

// A group is a run of bytes cut into shards; its weights lie in it one after another, with nothing between or after.
Result<void> read_group(const Json& group, const fs::path& folder, bool packed, TfjsModel& model) {
  std::string bytes;
  for (const auto& path : group["paths"].elements()) {
    const auto name = path.as_string();
    if (name.empty() || name.find('/') != std::string_view::npos || name == "..") {
      return invalid(fmt::format("shard {} is not a file name", path.dump()));
    }
    ZY_TRY(const auto shard, read_shard(folder, std::string(name), packed));
    bytes += shard;
  }
  std::string_view rest = bytes;
  for (const auto& weight : group["weights"].elements()) {
    const auto name = std::string(weight["name"].as_string());
    ZY_TRY(auto tensor, read_weight(weight, rest).in(fmt::format("weight '{}'", name)));
    model.weights.insert_or_assign(name, std::move(tensor));
  }
  if (!rest.empty()) {
    return corrupt(fmt::format("{} bytes of the shards belong to no weight: download the model again", rest.size()));
  }
  return {};
}

Result<TfNode> read_node(const Json& json) {
  TfNode node{.name = std::string(json["name"].as_string()), .op = std::string(json["op"].as_string())};
  if (node.name.empty() || node.op.empty()) return invalid("a node lacks its name or op");
  for (const auto& input : json["input"].elements()) {
    auto name = input.as_string();
    if (name.empty()) return node.error("an input is not a name");
    if (name.front() == '^') continue;  // order only, no value
    if (name.ends_with(":0")) name.remove_suffix(2);
    node.inputs.emplace_back(name);
  }
  node.attributes = json["attr"];
  return node;
}

Result<TfjsModel> read_model(const fs::path& file) {
  ZY_TRY(const auto text, read_file(file));
  const bool packed = file.extension() == ".js";
  ZY_TRY(const auto json, packed ? js_module_export(text) : Json::parse(text));
  const auto& nodes = json["modelTopology"]["node"];
  if (!nodes.is_array()) return invalid("there is no modelTopology.node: this is not a TensorFlow.js graph model");
  TfjsModel model;
  for (const auto& entry : nodes.elements()) {
    ZY_TRY(auto node, read_node(entry));
    if (!model.nodes.try_emplace(node.name, node).second) return node.error("the name occurs twice");
  }
  for (const auto& group : json["weightsManifest"].elements()) {
    ZY_CHECK_OK(read_group(group, file.parent_path(), packed, model));
  }
  return model;
}

}  // namespace

Result<TfjsModel> read_tfjs(const fs::path& model) { return read_model(model).in(model.string()); }

}  // namespace zhiyin
