#include "understand/embed/onnx/tfjs_emitter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace zhiyin {
namespace {

constexpr int kMaxRankDepth = 32;  // of the walk that looks for a rank

OnnxInitializer to_initializer(std::string name, const TfTensor& tensor) {
  if (tensor.is_float()) return OnnxInitializer::of(std::move(name), tensor.shape, tensor.floats());
  if (tensor.type == TfType::kInteger) return OnnxInitializer::of(std::move(name), tensor.shape, tensor.integers());
  std::string bytes;
  for (const auto value : tensor.integers()) bytes += static_cast<char>(value);
  return {std::move(name), OnnxType::kBool, tensor.shape, std::move(bytes)};
}

std::string_view node_of(std::string_view value) { return value.substr(0, value.find(':')); }

}  // namespace

OnnxType onnx_type(TfType type) {
  switch (type) {
    case TfType::kFloat: return OnnxType::kFloat;
    case TfType::kInteger: return OnnxType::kInt64;
    case TfType::kBool: return OnnxType::kBool;
  }
  return OnnxType::kFloat;
}

Result<std::string> Emitter::input(const TfNode& node, std::size_t i) {
  if (i >= node.inputs.size()) return node.error(fmt::format("has no input {}", i));
  const auto& name = node.inputs[i];
  const auto source = model_.nodes.find(name);
  if (source == model_.nodes.end() || source->second.op != "Const") return name;
  const auto weight = model_.weights.find(name);
  if (weight == model_.weights.end()) return node.error(fmt::format("the constant '{}' has no weight", name));
  if (!initializers_.contains(name)) initializer(to_initializer(name, weight->second));
  return name;
}

Result<std::vector<std::string>> Emitter::inputs(const TfNode& node) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    ZY_TRY(auto name, input(node, i));
    names.push_back(std::move(name));
  }
  return names;
}

const TfTensor* Emitter::constant(const TfNode& node, std::size_t i) const {
  if (i >= node.inputs.size()) return nullptr;
  std::string_view name = node.inputs[i];
  for (int hops = 0; hops < kMaxRankDepth; ++hops) {
    const auto source = model_.nodes.find(name);
    if (source == model_.nodes.end()) return nullptr;
    if (source->second.op == "Const") {
      const auto weight = model_.weights.find(name);
      return weight == model_.weights.end() ? nullptr : &weight->second;
    }
    if (source->second.op != "Identity" || source->second.inputs.empty()) return nullptr;
    name = source->second.inputs.front();
  }
  return nullptr;
}

Result<Emitter::Integers> Emitter::constant_integers(const TfNode& node, std::size_t i) const {
  const auto* tensor = constant(node, i);
  if (tensor == nullptr || tensor->is_float()) {
    return node.error(fmt::format("input {} must be an integer constant to be converted", i));
  }
  return tensor->integers();
}

Result<const TfTensor*> Emitter::constant_floats(const TfNode& node, std::size_t i) const {
  const auto* tensor = constant(node, i);
  if (tensor == nullptr || !tensor->is_float()) {
    return node.error(fmt::format("input {} must be a float constant to be converted", i));
  }
  return tensor;
}

std::optional<std::size_t> Emitter::rank(const TfNode& node, std::size_t i) const {
  return i < node.inputs.size() ? rank_of(node.inputs[i], 0) : std::nullopt;
}

// Enough for attention, where the operands of a batched product have just been transposed or reshaped.
std::optional<std::size_t> Emitter::rank_of(std::string_view value, int depth) const {
  const auto found = model_.nodes.find(node_of(value));
  if (found == model_.nodes.end() || depth > kMaxRankDepth) return std::nullopt;
  const auto& node = found->second;
  if (node.op == "Const") {
    const auto weight = model_.weights.find(node.name);
    return weight == model_.weights.end() ? std::nullopt : std::optional(weight->second.shape.size());
  }
  const auto through = [&](std::size_t i) {
    return i < node.inputs.size() ? rank_of(node.inputs[i], depth + 1) : std::nullopt;
  };
  if (node.op == "Transpose" || node.op == "Reshape") {  // the second input has one number for each axis
    if (const auto* axes = constant(node, 1)) return axes->shape.empty() ? 1 : static_cast<std::size_t>(axes->shape[0]);
    const auto shape = node.inputs.size() > 1 ? model_.nodes.find(node.inputs[1]) : model_.nodes.end();
    if (shape != model_.nodes.end() && shape->second.op == "Pack") return shape->second.inputs.size();
    return node.op == "Transpose" ? through(0) : std::nullopt;
  }
  if (node.op == "Mul" || node.op == "Add" || node.op == "AddV2" || node.op == "Sub" || node.op == "RealDiv") {
    const auto left = through(0);
    const auto right = through(1);
    return left && right ? std::optional(std::max(*left, *right)) : std::nullopt;
  }
  if (node.op == "Softmax" || node.op == "Relu" || node.op == "Identity") return through(0);
  return std::nullopt;
}

void Emitter::last(const TfNode& node, std::string op, std::vector<std::string> inputs, Attributes attributes) {
  add({std::move(op), std::move(inputs), {node.name}, std::move(attributes)});
}

std::string Emitter::step(const TfNode& node, std::string op, std::vector<std::string> inputs, Attributes attributes) {
  auto name = fmt::format("{}~{}", node.name, ++steps_[node.name]);
  add({std::move(op), std::move(inputs), {name}, std::move(attributes)});
  return name;
}

void Emitter::initializer(OnnxInitializer tensor) {
  if (initializers_.insert(tensor.name).second) onnx_.initializers.push_back(std::move(tensor));
}

std::string Emitter::integers(const Integers& values) {
  auto name = fmt::format("~[{}]", fmt::join(values, ","));
  initializer(OnnxInitializer::of(name, {static_cast<std::int64_t>(values.size())}, values));
  return name;
}

std::string Emitter::scalar(float value) {
  auto name = fmt::format("~{}", value);
  initializer(OnnxInitializer::of(name, {}, std::span<const float>(&value, 1)));
  return name;
}

std::string Emitter::floats(std::string name, Integers shape, std::span<const float> values) {
  initializer(OnnxInitializer::of(name, std::move(shape), values));
  return name;
}

void Emitter::graph_input(const TfNode& node, TfType type, Integers shape, bool unknown_rank) {
  onnx_.inputs.push_back({node.name, onnx_type(type), std::move(shape), unknown_rank});
}

}  // namespace zhiyin
