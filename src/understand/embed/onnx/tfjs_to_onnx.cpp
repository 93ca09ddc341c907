#include "understand/embed/onnx/tfjs_to_onnx.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ranges>

#include "understand/embed/onnx/tfjs_emitter.h"

namespace zhiyin {
namespace {

// Attributes that change nothing here: element types (every integer is int64), counts that the inputs show, hints.
constexpr std::array<std::string_view, 23> kSilentAttributes = {
    "T",
    "Tidx",
    "Tshape",
    "Tdim",
    "Tindices",
    "Tparams",
    "Taxis",
    "Tperm",
    "Tlen",
    "Index",
    "SrcT",
    "out_type",
    "N",
    "num_split",
    "use_cudnn_on_gpu",
    "Tpaddings",
    "U",
    "Tblock_shape",
    "Tcrops",
    "Truncate",
    "validate_indices",
    "_output_shapes",
    "_grappler_ArithmeticOptimizer_MinimizeBroadcasts",
};

const OpRule* rule_of(std::string_view op) {
  for (const auto rules : {arithmetic_rules(), array_rules(), image_rules()}) {
    const auto found = std::ranges::find(rules, op, &OpRule::op);
    if (found != rules.end()) return &*found;
  }
  return nullptr;
}

bool is_read(const OpRule& rule, std::string_view attribute) {
  return std::ranges::any_of(std::views::split(rule.attributes, ' '),
                             [&](auto word) { return std::string_view(word.begin(), word.end()) == attribute; });
}

Result<void> emit(Emitter& emitter, const TfNode& node) {
  const auto* rule = rule_of(node.op);
  if (rule == nullptr) return node.error("the converter has no rule for this op");
  for (const auto& [attribute, value] : node.attributes.members()) {
    if (std::ranges::find(kSilentAttributes, attribute) == kSilentAttributes.end() && !is_read(*rule, attribute)) {
      return node.error(fmt::format("the converter does not know its attribute {}", attribute));
    }
  }
  return rule->emit(emitter, node, rule->onnx);
}

// The nodes that the outputs need, each after those it uses: a depth-first walk with its own stack, since a graph from
// outside may be deeper than ours. Constants are left out: the rules fetch those they want.
class Ordering {
 public:
  explicit Ordering(const TfjsModel& model) : model_(model) {}

  Result<void> visit(std::string_view value) {
    ZY_CHECK_OK(enter(value));
    while (!stack_.empty()) {
      auto& [node, next_input] = stack_.back();
      if (next_input < node->inputs.size()) {
        ZY_CHECK_OK(enter(node->inputs[next_input++]));
      } else {
        state_[node] = State::kDone;
        order_.push_back(node);
        stack_.pop_back();
      }
    }
    return {};
  }
  [[nodiscard]] const std::vector<const TfNode*>& order() const { return order_; }

 private:
  enum class State { kNew, kOpen, kDone };

  Result<void> enter(std::string_view value) {
    const auto found = model_.nodes.find(value.substr(0, value.find(':')));
    if (found == model_.nodes.end()) return invalid(fmt::format("the graph has no node '{}'", value));
    const auto& node = found->second;
    auto& state = state_[&node];
    if (state == State::kOpen) return node.error("the graph has a cycle through this node");
    if (state == State::kDone || node.op == "Const") return {};
    state = State::kOpen;
    stack_.emplace_back(&node, 0);
    return {};
  }

  const TfjsModel& model_;
  std::map<const TfNode*, State> state_;
  std::vector<std::pair<const TfNode*, std::size_t>> stack_;  // a node, and its next input
  std::vector<const TfNode*> order_;
};

}  // namespace

Result<OnnxModel> tfjs_to_onnx(const TfjsModel& model, const TfjsToOnnxOptions& options) {
  OnnxModel onnx{.name = options.name};
  Ordering ordering(model);
  for (const auto& output : options.outputs) ZY_CHECK_OK(ordering.visit(output));
  Emitter emitter(model, onnx);
  for (const auto* node : ordering.order()) ZY_CHECK_OK(emit(emitter, *node));
  // An output's element type follows from its node; ONNX Runtime infers the shape.
  for (const auto& output : options.outputs) {
    onnx.outputs.push_back({.name = output, .type = OnnxType::kFloat, .unknown_rank = true});
  }
  return onnx;
}

}  // namespace zhiyin
