// An ONNX model in memory, and its bytes: no protobuf library is linked, and the same model is always the same bytes.
// What we make ourselves is of opset 13 and IR version 8; what is read (onnx_reader.h) stays what it was.
//
// A plain value: not thread-safe while it is built. Nothing is checked here: ONNX Runtime checks when it loads.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace zhiyin {

// TensorProto.DataType
enum class OnnxType : int { kFloat = 1, kUint8 = 2, kInt8 = 3, kInt32 = 6, kInt64 = 7, kBool = 9, kHalf = 10 };

// An attribute of a kind that no edit of ours looks into (a tensor, a graph, a list of numbers or texts), as its bytes.
struct OnnxOpaque {
  std::string bytes;              // of the AttributeProto
  std::vector<std::string> uses;  // values that a graph in it may take from outside
};

struct OnnxAttribute {
  std::string name;
  std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, OnnxOpaque> value;
};

struct OnnxNode {
  std::string op;
  std::vector<std::string> inputs;  // "" where an optional input is left out
  std::vector<std::string> outputs;
  std::vector<OnnxAttribute> attributes;
  std::string domain;   // "" for ONNX's own operators
  std::string carried;  // fields of a node that was read, of which this struct knows nothing
};

// A constant: little-endian bytes, row-major.
struct OnnxInitializer {
  std::string name;
  OnnxType type = OnnxType::kFloat;
  std::vector<std::int64_t> shape;
  std::string bytes;

  static OnnxInitializer of(std::string name, std::vector<std::int64_t> shape, std::span<const float> values);
  static OnnxInitializer of(std::string name, std::vector<std::int64_t> shape, std::span<const std::int64_t> values);
};

// What goes in or comes out. -1 is any extent; unknown_rank leaves the shape out altogether.
struct OnnxValue {
  std::string name;
  OnnxType type = OnnxType::kFloat;
  std::vector<std::int64_t> shape;
  bool unknown_rank = false;
};

struct OnnxModel {
  std::string name;
  std::vector<OnnxNode> nodes;  // each after those whose outputs it uses
  std::vector<OnnxInitializer> initializers;
  std::vector<OnnxValue> inputs;
  std::vector<OnnxValue> outputs;
  std::map<std::string, std::string> metadata;
  std::int64_t ir_version = 8;
  std::map<std::string, std::int64_t> opsets = {{"", 13}};  // by domain
  std::string carried;        // fields that were read and are not understood: of the model
  std::string carried_graph;  // and of its graph

  // Of ONNX's own operators; 1 where the model names none.
  [[nodiscard]] std::int64_t opset() const;
  [[nodiscard]] std::string serialize() const;
};

}  // namespace zhiyin
