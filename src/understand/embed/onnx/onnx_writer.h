// An ONNX model in memory, and its bytes: the protobuf wire format written by hand, so that no protobuf library is
// linked and the same model is always the same bytes. Opset 13, IR version 8.
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

struct OnnxAttribute {
  std::string name;
  std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>> value;
};

struct OnnxNode {
  std::string op;
  std::vector<std::string> inputs;  // "" where an optional input is left out
  std::vector<std::string> outputs;
  std::vector<OnnxAttribute> attributes;
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

  [[nodiscard]] std::string serialize() const;
};

}  // namespace zhiyin
