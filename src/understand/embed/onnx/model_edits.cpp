#include "understand/embed/onnx/model_edits.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace zhiyin {
namespace {

template <typename T>
const T* attribute_of(const OnnxNode& node, std::string_view name) {
  const auto found = std::ranges::find(node.attributes, name, &OnnxAttribute::name);
  return found == node.attributes.end() ? nullptr : std::get_if<T>(&found->value);
}

}  // namespace

std::int64_t integer_of(const OnnxNode& node, std::string_view attribute, std::int64_t fallback) {
  const auto* value = attribute_of<std::int64_t>(node, attribute);
  return value == nullptr ? fallback : *value;
}

float real_of(const OnnxNode& node, std::string_view attribute, float fallback) {
  const auto* value = attribute_of<float>(node, attribute);
  return value == nullptr ? fallback : *value;
}

std::vector<std::int64_t> integers_of(const OnnxNode& node, std::string_view attribute) {
  const auto* value = attribute_of<std::vector<std::int64_t>>(node, attribute);
  return value == nullptr ? std::vector<std::int64_t>() : *value;
}

ConstantTable::ConstantTable(const OnnxModel& model) {
  for (const auto& constant : model.initializers) constants_[constant.name] = &constant;
}

const OnnxInitializer* ConstantTable::find(const std::string& name) const {
  const auto found = constants_.find(name);
  return found == constants_.end() ? nullptr : found->second;
}

std::vector<float> floats_of(const OnnxInitializer& constant) {
  std::vector<float> values(constant.bytes.size() / sizeof(float));
  std::memcpy(values.data(), constant.bytes.data(), values.size() * sizeof(float));
  return values;
}

std::vector<float> transposed_matrix(const std::vector<float>& values, std::size_t rows, std::size_t columns) {
  std::vector<float> out(values.size());
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) out[j * rows + i] = values[i * columns + j];
  }
  return out;
}

// Nodes stand after what they use, so one walk from the back sees every user before the used.
void drop_dead_nodes(OnnxModel& model) {
  std::set<std::string> used;
  for (const auto& output : model.outputs) used.insert(output.name);
  std::vector<OnnxNode> kept;
  for (auto node = model.nodes.rbegin(); node != model.nodes.rend(); ++node) {
    if (std::ranges::none_of(node->outputs, [&](const auto& output) { return used.contains(output); })) continue;
    used.insert(node->inputs.begin(), node->inputs.end());
    kept.push_back(std::move(*node));
  }
  std::ranges::reverse(kept);
  model.nodes = std::move(kept);
}

void drop_unused_initializers(OnnxModel& model) {
  std::set<std::string_view> used;
  for (const auto& node : model.nodes) used.insert(node.inputs.begin(), node.inputs.end());
  for (const auto& output : model.outputs) used.insert(output.name);
  std::erase_if(model.initializers, [&](const auto& constant) { return !used.contains(constant.name); });
}

}  // namespace zhiyin
