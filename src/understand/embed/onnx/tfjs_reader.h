// A TensorFlow.js graph model as it lies on disk: model.json (nodes and a weights manifest) with its weight shards, or
// the same packed as JavaScript modules: model.min.js, and base64 in SHARD.min.js (understand/embed/onnx/js_literal.h).
//
// Weights are widened while they are read: every float to float32, every integer to int64, quantised ones to float32.
// A plain value once read. The files are outside bytes: sizes, names and types are checked, and every error names the
// file, node or weight at fault.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace zhiyin {

enum class TfType { kFloat, kInteger, kBool };

struct TfTensor {
  TfType type = TfType::kFloat;
  std::vector<std::int64_t> shape;                                     // {} is a scalar
  std::variant<std::vector<float>, std::vector<std::int64_t>> values;  // bools as 0 and 1; row-major

  [[nodiscard]] bool is_float() const { return type == TfType::kFloat; }
  [[nodiscard]] const std::vector<float>& floats() const { return std::get<0>(values); }
  [[nodiscard]] const std::vector<std::int64_t>& integers() const { return std::get<1>(values); }
};

// One node. Attributes come in two spellings (numbers as JSON numbers or decimal strings, types as numbers or names,
// strings as base64 or lists of bytes); the accessors read both. An absent attribute is the fallback; one of the wrong
// kind is an error.
struct TfNode {
  std::string name;
  std::string op;
  std::vector<std::string> inputs;  // "node" or "node:k" for its k-th output, k > 0; control inputs are left out
  Json attributes;

  [[nodiscard]] Result<std::int64_t> integer(std::string_view attribute, std::int64_t fallback) const;
  [[nodiscard]] Result<double> real(std::string_view attribute, double fallback) const;
  [[nodiscard]] Result<bool> flag(std::string_view attribute, bool fallback) const;
  [[nodiscard]] Result<std::string> text(std::string_view attribute, std::string_view fallback) const;
  [[nodiscard]] Result<std::vector<std::int64_t>> integers(std::string_view attribute) const;
  [[nodiscard]] Result<std::vector<std::string>> texts(std::string_view attribute) const;
  [[nodiscard]] Result<TfType> type(std::string_view attribute) const;

  // An error at this node: "Conv2D 'tower/conv1': what".
  [[nodiscard]] Error error(std::string_view what) const;
};

struct TfjsModel {
  std::map<std::string, TfNode, std::less<>> nodes;
  std::map<std::string, TfTensor, std::less<>> weights;  // the values of Const nodes, by node name
};

Result<TfjsModel> read_tfjs(const std::filesystem::path& model);

}  // namespace zhiyin
