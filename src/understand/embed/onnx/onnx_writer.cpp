#include "understand/embed/onnx/onnx_writer.h"

#include <bit>

#include "base/protobuf.h"

namespace zhiyin {
namespace {

static_assert(std::endian::native == std::endian::little, "raw tensor data is little-endian");

using Message = ProtobufWriter;

// The field numbers below are those of onnx.proto; a message's name is said once above its writer.

// AttributeProto. The type numbers are AttributeProto.AttributeType.
Message write(const OnnxAttribute& attribute) {
  constexpr int kType = 20;
  Message out;
  if (const auto* opaque = std::get_if<OnnxOpaque>(&attribute.value)) {
    out.whole(opaque->bytes);
    return out;
  }
  out.text(1, attribute.name);
  if (const auto* real = std::get_if<float>(&attribute.value)) {
    out.real(2, *real);
    out.integer(kType, 1);
  } else if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
    out.integer(3, *integer);
    out.integer(kType, 2);
  } else if (const auto* text = std::get_if<std::string>(&attribute.value)) {
    out.text(4, *text);
    out.integer(kType, 3);
  } else {
    for (const auto value : std::get<std::vector<std::int64_t>>(attribute.value)) out.integer(8, value);
    out.integer(kType, 7);
  }
  return out;
}

// NodeProto. A node is called after its first output.
Message write(const OnnxNode& node) {
  Message out;
  for (const auto& input : node.inputs) out.text(1, input);
  for (const auto& output : node.outputs) out.text(2, output);
  if (!node.outputs.empty()) out.text(3, node.outputs.front());
  out.text(4, node.op);
  for (const auto& attribute : node.attributes) out.message(5, write(attribute));
  if (!node.domain.empty()) out.text(7, node.domain);
  out.whole(node.carried);
  return out;
}

// TensorProto
Message write(const OnnxInitializer& tensor) {
  Message out;
  for (const auto extent : tensor.shape) out.integer(1, extent);
  out.integer(2, static_cast<int>(tensor.type));
  out.text(8, tensor.name);
  out.text(9, tensor.bytes);
  return out;
}

// ValueInfoProto { TypeProto { Tensor { elem_type, TensorShapeProto } } }. An extent without a value is any extent.
Message write(const OnnxValue& value) {
  Message tensor;
  tensor.integer(1, static_cast<int>(value.type));
  if (!value.unknown_rank) {
    Message shape;
    for (const auto extent : value.shape) {
      Message dimension;
      if (extent >= 0) dimension.integer(1, extent);
      shape.message(1, dimension);
    }
    tensor.message(2, shape);
  }
  Message type;
  type.message(1, tensor);
  Message out;
  out.text(1, value.name);
  out.message(2, type);
  return out;
}

template <typename T>
std::string raw_bytes(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

}  // namespace

OnnxInitializer OnnxInitializer::of(std::string name, std::vector<std::int64_t> shape, std::span<const float> values) {
  return {std::move(name), OnnxType::kFloat, std::move(shape), raw_bytes(values)};
}

OnnxInitializer OnnxInitializer::of(std::string name, std::vector<std::int64_t> shape,
                                    std::span<const std::int64_t> values) {
  return {std::move(name), OnnxType::kInt64, std::move(shape), raw_bytes(values)};
}

std::string OnnxModel::serialize() const {
  Message graph;  // GraphProto
  for (const auto& node : nodes) graph.message(1, write(node));
  graph.text(2, name);
  for (const auto& tensor : initializers) graph.message(5, write(tensor));
  for (const auto& input : inputs) graph.message(11, write(input));
  for (const auto& output : outputs) graph.message(12, write(output));
  graph.whole(carried_graph);

  Message model;  // ModelProto
  model.integer(1, ir_version);
  model.text(2, "zhiyin");
  model.message(7, graph);
  for (const auto& [domain, version] : opsets) {
    Message opset;  // OperatorSetIdProto
    opset.text(1, domain);
    opset.integer(2, version);
    model.message(8, opset);
  }
  for (const auto& [key, value] : metadata) {
    Message entry;  // StringStringEntryProto
    entry.text(1, key);
    entry.text(2, value);
    model.message(14, entry);
  }
  model.whole(carried);
  return model.take();
}

std::int64_t OnnxModel::opset() const {
  const auto own = opsets.find("");
  return own == opsets.end() ? 1 : own->second;
}

}  // namespace zhiyin
