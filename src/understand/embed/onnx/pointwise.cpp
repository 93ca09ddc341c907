// A convolution of one pixel is a matrix product over the channels.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "understand/embed/onnx/model_edits.h"
#include "understand/embed/onnx/quantize.h"

namespace zhiyin {
namespace {

using Integers = std::vector<std::int64_t>;

const Integers kToNchw = {0, 3, 1, 2};
const Integers kToNhwc = {0, 2, 3, 1};

bool all_are(const Integers& values, std::int64_t value) {
  return std::ranges::all_of(values, [&](auto x) { return x == value; });
}

bool is_transpose(const OnnxNode& node, const Integers& permutation) {
  return node.op == "Transpose" && integers_of(node, "perm") == permutation;
}

// Whether the window is one pixel. Padding by SAME adds nothing to it.
bool is_pointwise(const OnnxNode& node, const OnnxInitializer* kernel) {
  return node.op == "Conv" && kernel != nullptr && kernel->type == OnnxType::kFloat && kernel->shape.size() == 4 &&
         kernel->shape[2] == 1 && kernel->shape[3] == 1 && integer_of(node, "group", 1) == 1 &&
         all_are(integers_of(node, "strides"), 1) && all_are(integers_of(node, "pads"), 0);
}

}  // namespace

std::size_t pointwise_convolutions_to_products(OnnxModel& model) {
  std::map<std::string, std::size_t> maker;  // of a value: the node
  std::map<std::string, std::size_t> users;  // of a value: how many
  for (std::size_t i = 0; i < model.nodes.size(); ++i) {
    for (const auto& output : model.nodes[i].outputs) maker[output] = i;
    for (const auto taken : values_taken(model.nodes[i])) ++users[std::string(taken)];
  }
  for (const auto& output : model.outputs) ++users[output.name];
  const auto made_by = [&](const std::string& value) -> const OnnxNode* {
    const auto found = maker.find(value);
    return found == maker.end() ? nullptr : &model.nodes[found->second];
  };

  const ConstantTable constants(model);
  std::vector<OnnxInitializer> kernels;
  std::set<std::string> written;
  std::map<std::string, std::vector<OnnxNode>> instead;  // of the second transpose, by what it gives
  for (const auto& back : model.nodes) {
    if (!is_transpose(back, kToNhwc)) continue;
    const auto* conv = made_by(back.inputs[0]);
    if (conv == nullptr || users[back.inputs[0]] != 1) continue;
    const auto* kernel = constants.find(conv->inputs[1]);
    const auto* there = made_by(conv->inputs[0]);
    if (!is_pointwise(*conv, kernel) || there == nullptr || !is_transpose(*there, kToNchw)) continue;

    const auto out_channels = static_cast<std::size_t>(kernel->shape[0]);
    const auto in_channels = static_cast<std::size_t>(kernel->shape[1]);
    const auto matrix = kernel->name + "~product";
    if (written.insert(matrix).second) {
      const auto values = transposed_matrix(floats_of(*kernel), out_channels, in_channels);
      kernels.push_back(
          OnnxInitializer::of(matrix, {kernel->shape[1], kernel->shape[0]}, std::span<const float>(values)));
    }
    const auto& out = back.outputs[0];
    const bool with_bias = conv->inputs.size() == 3;
    auto& nodes = instead[out];
    nodes.push_back({"MatMul", {there->inputs[0], matrix}, {with_bias ? out + "~unbiased" : out}, {}});
    if (with_bias) nodes.push_back({"Add", {out + "~unbiased", conv->inputs[2]}, {out}, {}});
  }
  if (instead.empty()) return 0;

  auto nodes = std::move(model.nodes);
  model.nodes.clear();
  for (auto& node : nodes) {
    const auto found = instead.find(node.outputs[0]);
    if (found == instead.end()) {
      model.nodes.push_back(std::move(node));
    } else {
      std::ranges::move(found->second, std::back_inserter(model.nodes));
    }
  }
  std::ranges::move(kernels, std::back_inserter(model.initializers));
  drop_dead_nodes(model);  // the convolutions and first transposes, where nothing else used them
  drop_unused_initializers(model);
  return instead.size();
}

}  // namespace zhiyin
