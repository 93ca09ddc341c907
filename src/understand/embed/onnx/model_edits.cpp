#include "understand/embed/onnx/model_edits.h"

#include <fmt/format.h>

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

std::vector<std::string_view> values_taken(const OnnxNode& node) {
  std::vector<std::string_view> names(node.inputs.begin(), node.inputs.end());
  for (const auto& attribute : node.attributes) {
    if (const auto* opaque = std::get_if<OnnxOpaque>(&attribute.value)) {
      names.insert(names.end(), opaque->uses.begin(), opaque->uses.end());
    }
  }
  return names;
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

Result<void> raise_to_opset_10(OnnxModel& model) {
  const auto opset = model.opset();
  if (opset >= 10) return {};
  if (opset < 9) return invalid(fmt::format("the model is of opset {}: export it at opset 13 or later", opset));
  constexpr std::string_view kChanged[] = {"TopK", "Upsample"};
  for (const auto& node : model.nodes) {
    if (node.domain.empty() && std::ranges::find(kChanged, node.op) != std::end(kChanged))
      return invalid(
          fmt::format("the model is of opset 9 and has the operator {}: export it at opset 13 or later", node.op));
  }
  for (auto& node : model.nodes) {
    if (node.op != "Slice" || !node.domain.empty()) continue;
    const auto attributes = std::move(node.attributes);
    node.attributes.clear();
    for (const auto* name : {"starts", "ends", "axes"}) {
      const auto found = std::ranges::find(attributes, name, &OnnxAttribute::name);
      if (found == attributes.end()) continue;
      const auto& values = std::get<std::vector<std::int64_t>>(found->value);
      node.inputs.push_back(node.outputs[0] + "~" + name);
      model.initializers.push_back(OnnxInitializer::of(node.inputs.back(), {static_cast<std::int64_t>(values.size())},
                                                       std::span<const std::int64_t>(values)));
    }
  }
  model.opsets[""] = 10;
  return {};
}

// Nodes stand after what they use, so one walk from the back sees every user before the used.
void drop_dead_nodes(OnnxModel& model) {
  std::set<std::string, std::less<>> used;
  for (const auto& output : model.outputs) used.insert(output.name);
  std::vector<OnnxNode> kept;
  for (auto node = model.nodes.rbegin(); node != model.nodes.rend(); ++node) {
    if (std::ranges::none_of(node->outputs, [&](const auto& output) { return used.contains(output); })) continue;
    for (const auto name : values_taken(*node)) used.emplace(name);
    kept.push_back(std::move(*node));
  }
  std::ranges::reverse(kept);
  model.nodes = std::move(kept);
}

void drop_unused_initializers(OnnxModel& model) {
  std::set<std::string_view> used;
  for (const auto& node : model.nodes) {
    for (const auto name : values_taken(node)) used.insert(name);
  }
  for (const auto& output : model.outputs) used.insert(output.name);
  std::erase_if(model.initializers, [&](const auto& constant) { return !used.contains(constant.name); });
}

}  // namespace zhiyin
