#include "understand/embed/onnx/onnx_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>
#include <set>

#include "base/protobuf.h"

namespace zhiyin {
namespace {

static_assert(std::endian::native == std::endian::little, "raw tensor data is little-endian");

constexpr int kDeepestGraph = 64;  // graphs inside attributes of nodes of graphs

// The field numbers below are those of onnx.proto; a message's name is said once above its reader.

template <typename Take>
Result<void> each_field(std::string_view bytes, const Take& take) {
  for (ProtobufReader reader(bytes); !reader.at_end();) {
    ZY_TRY(const auto field, reader.next());
    ZY_CHECK_OK(take(field));
  }
  return {};
}

// A field of a repeated number: one, or a packed list of them.
Result<void> append_integers(const ProtobufField& field, std::vector<std::int64_t>& values) {
  if (field.wire_type != 2) {
    values.push_back(static_cast<std::int64_t>(field.integer));
    return {};
  }
  for (ProtobufReader reader(field.bytes); !reader.at_end();) {
    ZY_TRY(const auto value, reader.varint());
    values.push_back(static_cast<std::int64_t>(value));
  }
  return {};
}

// How many bytes an element takes, where it is a whole number of them.
std::size_t width_of(OnnxType type) {
  switch (static_cast<int>(type)) {
    case 2:
    case 3:
    case 9: return 1;  // uint8, int8, bool
    case 4:
    case 5:
    case 10:
    case 16: return 2;  // uint16, int16, half, bfloat16
    case 1:
    case 6:
    case 12: return 4;  // float, int32, uint32
    case 7:
    case 11:
    case 13: return 8;  // int64, double, uint64
    default: return 0;
  }
}

// TensorProto. Its numbers stand in raw_data, or one by one in a field for each family of types.
struct TensorFields {
  OnnxInitializer tensor;
  bool has_raw = false;
  std::string fixed;                   // float_data, double_data
  std::vector<std::int64_t> integers;  // int32_data, int64_data, uint64_data
  bool outside = false;                // in another file
};

Result<void> read_tensor_field(const ProtobufField& field, TensorFields& out) {
  switch (field.number) {
    case 1: return append_integers(field, out.tensor.shape);
    case 2: out.tensor.type = static_cast<OnnxType>(field.integer); return {};
    case 4:
    case 10:
      if (field.wire_type == 2) {
        out.fixed.append(field.bytes);
      } else {
        out.fixed.append(reinterpret_cast<const char*>(&field.integer), field.wire_type == 1 ? 8 : 4);
      }
      return {};
    case 5:
    case 7:
    case 11: return append_integers(field, out.integers);
    case 8: out.tensor.name = field.bytes; return {};
    case 9:
      out.tensor.bytes = field.bytes;
      out.has_raw = true;
      return {};
    case 13: out.outside = true; return {};
    case 14: out.outside = out.outside || field.integer != 0; return {};
    default: return {};
  }
}

// The number of elements, or nothing where the shape is none.
std::optional<std::size_t> elements_of(const std::vector<std::int64_t>& shape) {
  std::size_t count = 1;
  for (const auto extent : shape) {
    if (extent < 0 ||
        (extent > 0 && count > std::numeric_limits<std::size_t>::max() / 8 / static_cast<std::size_t>(extent)))
      return std::nullopt;
    count *= static_cast<std::size_t>(extent);
  }
  return count;
}

Result<OnnxInitializer> read_tensor(std::string_view bytes) {
  TensorFields fields;
  ZY_CHECK_OK(each_field(bytes, [&](const ProtobufField& field) { return read_tensor_field(field, fields); }));
  auto& tensor = fields.tensor;
  if (fields.outside) {
    return invalid(fmt::format("constant \"{}\" is in another file: export the model as one file", tensor.name));
  }
  const auto width = width_of(tensor.type);
  if (fields.has_raw && width == 0) return std::move(tensor);
  if (width == 0) {
    return invalid(
        fmt::format("constant \"{}\" is of type {}, which is not read", tensor.name, static_cast<int>(tensor.type)));
  }
  if (!fields.has_raw) {
    tensor.bytes = std::move(fields.fixed);
    for (const auto value : fields.integers) tensor.bytes.append(reinterpret_cast<const char*>(&value), width);
  }
  const auto count = elements_of(tensor.shape);
  if (!count || *count * width != tensor.bytes.size()) {
    return invalid(fmt::format("constant \"{}\": {} bytes do not fill its shape", tensor.name, tensor.bytes.size()));
  }
  return std::move(tensor);
}

// GraphProto inside an attribute: the names of all that its nodes and outputs take. Those that it makes itself are
// among them, which does no harm.
Result<void> names_in_graph(std::string_view bytes, int depth, std::vector<std::string>& names);

// AttributeProto inside it
Result<void> names_in_attribute(std::string_view bytes, int depth, std::vector<std::string>& names) {
  return each_field(bytes, [&](const ProtobufField& field) -> Result<void> {
    return field.number == 6 || field.number == 11 ? names_in_graph(field.bytes, depth + 1, names) : Result<void>();
  });
}

Result<void> names_in_graph(std::string_view bytes, int depth, std::vector<std::string>& names) {
  if (depth > kDeepestGraph) return invalid(fmt::format("graphs stand in each other more than {} deep", kDeepestGraph));
  return each_field(bytes, [&](const ProtobufField& part) -> Result<void> {
    if (part.number != 1 && part.number != 12) return {};
    return each_field(part.bytes, [&](const ProtobufField& field) -> Result<void> {
      if (field.number == 1) names.emplace_back(field.bytes);
      return part.number == 1 && field.number == 5 ? names_in_attribute(field.bytes, depth, names) : Result<void>();
    });
  });
}

// AttributeProto. The type numbers are AttributeProto.AttributeType; old files leave the type out, and some writers
// leave out what is zero.
Result<OnnxAttribute> read_attribute(std::string_view bytes) {
  constexpr std::uint64_t kReal = 1, kInteger = 2, kText = 3, kIntegers = 7;
  OnnxAttribute attribute;
  std::uint64_t type = 0;
  float real = 0;
  std::int64_t integer = 0;
  std::string_view text;
  std::vector<std::int64_t> integers;
  ZY_CHECK_OK(each_field(bytes, [&](const ProtobufField& field) -> Result<void> {
    constexpr std::uint64_t kKinds[] = {0, 0, kReal, kInteger, kText, 0, 0, 0, kIntegers};  // by field number
    if (type == 0 && field.number < 9) type = kKinds[field.number];
    switch (field.number) {
      case 1: attribute.name = field.bytes; break;
      case 2: real = field.real(); break;
      case 3: integer = static_cast<std::int64_t>(field.integer); break;
      case 4: text = field.bytes; break;
      case 8: return append_integers(field, integers);
      case 20: type = field.integer; break;
      default: break;
    }
    return {};
  }));
  switch (type) {
    case kReal: attribute.value = real; break;
    case kInteger: attribute.value = integer; break;
    case kText: attribute.value = std::string(text); break;
    case kIntegers: attribute.value = std::move(integers); break;
    default: {
      OnnxOpaque opaque{std::string(bytes), {}};
      ZY_CHECK_OK(names_in_attribute(bytes, 0, opaque.uses));
      attribute.value = std::move(opaque);
    }
  }
  return attribute;
}

// NodeProto. Its name is left out: a node is called after its first output.
Result<OnnxNode> read_node(std::string_view bytes) {
  OnnxNode node;
  ZY_CHECK_OK(each_field(bytes, [&](const ProtobufField& field) -> Result<void> {
    switch (field.number) {
      case 1: node.inputs.emplace_back(field.bytes); break;
      case 2: node.outputs.emplace_back(field.bytes); break;
      case 3: break;
      case 4: node.op = field.bytes; break;
      case 5: {
        ZY_TRY(auto attribute, read_attribute(field.bytes));
        node.attributes.push_back(std::move(attribute));
        break;
      }
      case 7: node.domain = field.bytes; break;
      default: node.carried += field.whole; break;
    }
    return {};
  }));
  if (node.domain == "ai.onnx") node.domain.clear();  // another name for ONNX's own
  return node;
}

// TensorShapeProto
Result<void> read_shape(std::string_view bytes, std::vector<std::int64_t>& shape) {
  return each_field(bytes, [&](const ProtobufField& dimension) -> Result<void> {
    if (dimension.number != 1) return {};
    shape.push_back(-1);
    return each_field(dimension.bytes, [&](const ProtobufField& field) -> Result<void> {
      if (field.number == 1) shape.back() = static_cast<std::int64_t>(field.integer);
      return {};
    });
  });
}

// ValueInfoProto { TypeProto { Tensor } }. An extent's name is left out: it can be any.
Result<OnnxValue> read_value(std::string_view bytes) {
  OnnxValue value{.unknown_rank = true};
  bool tensor = false;
  const auto read_type = [&](const ProtobufField& field) -> Result<void> {
    if (field.number != 1) return {};
    tensor = true;
    return each_field(field.bytes, [&](const ProtobufField& part) -> Result<void> {
      if (part.number == 1) value.type = static_cast<OnnxType>(part.integer);
      if (part.number != 2) return {};
      value.unknown_rank = false;
      return read_shape(part.bytes, value.shape);
    });
  };
  ZY_CHECK_OK(each_field(bytes, [&](const ProtobufField& field) -> Result<void> {
    if (field.number == 1) value.name = field.bytes;
    return field.number == 2 ? each_field(field.bytes, read_type) : Result<void>();
  }));
  if (!tensor) return invalid(fmt::format("\"{}\", which goes in or comes out, is not a tensor", value.name));
  return value;
}

// GraphProto
Result<void> read_graph(std::string_view bytes, OnnxModel& model) {
  return each_field(bytes, [&](const ProtobufField& field) -> Result<void> {
    switch (field.number) {
      case 1: {
        ZY_TRY(auto node, read_node(field.bytes));
        model.nodes.push_back(std::move(node));
        return {};
      }
      case 2: model.name = field.bytes; return {};
      case 5: {
        ZY_TRY(auto tensor, read_tensor(field.bytes));
        model.initializers.push_back(std::move(tensor));
        return {};
      }
      case 11:
      case 12: {
        ZY_TRY(auto value, read_value(field.bytes));
        (field.number == 11 ? model.inputs : model.outputs).push_back(std::move(value));
        return {};
      }
      default: model.carried_graph += field.whole; return {};
    }
  });
}

// Two strings or a string and a number: an entry of metadata_props, or of opset_import.
struct Pair {
  std::string first, second;
  std::int64_t number = 0;
};
Result<Pair> read_pair(std::string_view bytes) {
  Pair pair;
  ZY_CHECK_OK(each_field(bytes, [&](const ProtobufField& field) -> Result<void> {
    if (field.number == 1) pair.first = field.bytes;
    if (field.number == 2) pair.second = field.bytes;
    if (field.number == 2) pair.number = static_cast<std::int64_t>(field.integer);
    return {};
  }));
  return pair;
}

// ModelProto
Result<OnnxModel> read_model(std::string_view bytes) {
  OnnxModel model;
  model.opsets.clear();
  ZY_CHECK_OK(each_field(bytes, [&](const ProtobufField& field) -> Result<void> {
    switch (field.number) {
      case 1: model.ir_version = static_cast<std::int64_t>(field.integer); return {};
      case 2: return {};  // who wrote it: now we do
      case 7: return read_graph(field.bytes, model);
      case 8: {
        ZY_TRY(const auto opset, read_pair(field.bytes));
        model.opsets[opset.first == "ai.onnx" ? "" : opset.first] = opset.number;
        return {};
      }
      case 14: {
        ZY_TRY(auto entry, read_pair(field.bytes));
        model.metadata[entry.first] = entry.second;
        return {};
      }
      default: model.carried += field.whole; return {};
    }
  }));
  if (model.opsets.empty() || model.nodes.empty()) return invalid("there is no graph of operators in it");
  return model;
}

// The tensor of a Constant node, where it has one that can be an initializer: one of text stays a node.
std::optional<OnnxInitializer> constant_of(const OnnxNode& node) {
  const bool constant = node.op == "Constant" && node.domain.empty() && node.outputs.size() == 1;
  if (!constant || node.attributes.size() != 1 || node.attributes[0].name != "value") return std::nullopt;
  const auto* opaque = std::get_if<OnnxOpaque>(&node.attributes[0].value);
  if (opaque == nullptr) return std::nullopt;
  std::optional<OnnxInitializer> found;
  const auto read = each_field(opaque->bytes, [&](const ProtobufField& field) -> Result<void> {
    if (field.number != 5) return {};
    ZY_TRY(found, read_tensor(field.bytes));
    found->name = node.outputs[0];
    return {};
  });
  return read.ok() ? found : std::nullopt;
}

void lift_constants(OnnxModel& model) {
  std::set<std::string> outputs;
  for (const auto& output : model.outputs) outputs.insert(output.name);
  std::vector<OnnxNode> nodes;
  for (auto& node : model.nodes) {
    const bool given_out = !node.outputs.empty() && outputs.contains(node.outputs[0]);
    auto constant = given_out ? std::nullopt : constant_of(node);
    if (constant) {
      model.initializers.push_back(std::move(*constant));
    } else {
      nodes.push_back(std::move(node));
    }
  }
  model.nodes = std::move(nodes);
  std::set<std::string_view> constants;
  for (const auto& tensor : model.initializers) constants.insert(tensor.name);
  std::erase_if(model.inputs, [&](const OnnxValue& input) { return constants.contains(input.name); });
  model.ir_version = std::max<std::int64_t>(model.ir_version, 4);  // from which on constants need not be inputs
}

}  // namespace

Result<OnnxModel> read_onnx(std::string_view bytes) {
  ZY_TRY(auto model, read_model(bytes).in("this ONNX model cannot be read"));
  lift_constants(model);
  return model;
}

}  // namespace zhiyin
