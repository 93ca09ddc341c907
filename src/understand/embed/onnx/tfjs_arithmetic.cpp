// Rules for elementwise ops, reductions and matrix products.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "understand/embed/onnx/tfjs_emitter.h"

namespace zhiyin {
namespace {

using Integers = Emitter::Integers;

// The same op under ONNX's name, inputs in the same order.
Result<void> same(Emitter& emitter, const TfNode& node, std::string_view onnx) {
  ZY_TRY(auto inputs, emitter.inputs(node));
  emitter.last(node, std::string(onnx), std::move(inputs));
  return {};
}

Result<void> not_equal(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(auto inputs, emitter.inputs(node));
  emitter.last(node, "Not", {emitter.step(node, "Equal", std::move(inputs))});
  return {};
}

Result<void> square(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto x, emitter.input(node, 0));
  emitter.last(node, "Mul", {x, x});
  return {};
}

Result<void> reciprocal_root(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto x, emitter.input(node, 0));
  emitter.last(node, "Reciprocal", {emitter.step(node, "Sqrt", {x})});
  return {};
}

Result<void> relu6(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto x, emitter.input(node, 0));
  emitter.last(node, "Clip", {x, emitter.scalar(0), emitter.scalar(6)});
  return {};
}

Result<void> leaky_relu(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto x, emitter.input(node, 0));
  ZY_TRY(const auto alpha, node.real("alpha", 0.2));
  emitter.last(node, "LeakyRelu", {x}, {{"alpha", static_cast<float>(alpha)}});
  return {};
}

// x / y, and 0 where y is 0.
Result<void> divide_no_nan(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto x, emitter.input(node, 0));
  ZY_TRY(const auto y, emitter.input(node, 1));
  const auto zero = emitter.scalar(0);
  const auto is_zero = emitter.step(node, "Equal", {y, zero});
  emitter.last(node, "Where", {is_zero, zero, emitter.step(node, "Div", {x, y})});
  return {};
}

// A bias on the last axis broadcasts as it is; on the channels of NCHW it needs two axes more.
Result<void> bias_add(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto x, emitter.input(node, 0));
  ZY_TRY(auto bias, emitter.input(node, 1));
  ZY_TRY(const auto format, node.text("data_format", "NHWC"));
  if (format == "NCHW") bias = emitter.step(node, "Unsqueeze", {bias, emitter.integers({1, 2})});
  emitter.last(node, "Add", {x, bias});
  return {};
}

Result<void> softmax(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto x, emitter.input(node, 0));
  emitter.last(node, "Softmax", {x}, {{"axis", std::int64_t{-1}}});
  return {};
}

Result<void> cast(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto x, emitter.input(node, 0));
  ZY_TRY(const auto type, node.type("DstT"));
  emitter.last(node, "Cast", {x}, {{"to", std::int64_t{static_cast<int>(onnx_type(type))}}});
  return {};
}

// Opset 13 takes the axes as an attribute, but for ReduceSum, which takes them as an input. No axes: nothing is
// reduced.
Result<void> reduce(Emitter& emitter, const TfNode& node, std::string_view onnx) {
  ZY_TRY(const auto x, emitter.input(node, 0));
  ZY_TRY(const auto axes, emitter.constant_integers(node, 1));
  ZY_TRY(const auto keep, node.flag("keep_dims", false));
  if (axes.empty()) {
    emitter.last(node, "Identity", {x});
    return {};
  }
  const OnnxAttribute keepdims{"keepdims", std::int64_t{keep ? 1 : 0}};
  if (onnx == "ReduceSum") {
    emitter.last(node, "ReduceSum", {x, emitter.integers(axes)}, {keepdims});
  } else {
    emitter.last(node, std::string(onnx), {x}, {{"axes", axes}, keepdims});
  }
  return {};
}

// The i-th input, its last two axes exchanged if `transpose`.
Result<std::string> operand(Emitter& emitter, const TfNode& node, std::size_t i, bool transpose) {
  ZY_TRY(auto value, emitter.input(node, i));
  if (!transpose) return value;
  const auto rank = node.op.ends_with("MatMul") && !node.op.starts_with("Batch") ? std::optional<std::size_t>(2)
                                                                                 : emitter.rank(node, i);
  if (!rank || *rank < 2) return node.error(fmt::format("input {} is transposed, but its rank is not known", i));
  Integers axes(*rank);
  std::iota(axes.begin(), axes.end(), 0);
  std::swap(axes[*rank - 1], axes[*rank - 2]);
  return emitter.step(node, "Transpose", {value}, {{"perm", axes}});
}

// Every product of matrices comes through here: MatMul, BatchMatMul and _FusedMatMul (a bias, then an activation).
Result<void> matrix_product(Emitter& emitter, const TfNode& node, std::string_view) {
  const bool batched = node.op.starts_with("Batch");
  ZY_TRY(const auto left, node.flag(batched ? "adj_x" : "transpose_a", false));
  ZY_TRY(const auto right, node.flag(batched ? "adj_y" : "transpose_b", false));
  ZY_TRY(const auto a, operand(emitter, node, 0, left));
  ZY_TRY(const auto b, operand(emitter, node, 1, right));
  ZY_TRY(const auto fused, node.texts("fused_ops"));
  if (fused.empty()) {
    emitter.last(node, "MatMul", {a, b});
    return {};
  }
  if (fused[0] != "BiasAdd" || fused.size() > 2) return node.error("fused_ops are not a bias and one activation");
  ZY_TRY(const auto bias, emitter.input(node, 2));
  const auto product = emitter.step(node, "MatMul", {a, b});
  if (fused.size() == 1) {
    emitter.last(node, "Add", {product, bias});
    return {};
  }
  const auto sum = emitter.step(node, "Add", {product, bias});
  if (fused[1] == "Relu6") {
    emitter.last(node, "Clip", {sum, emitter.scalar(0), emitter.scalar(6)});
  } else if (fused[1] == "Relu" || fused[1] == "Sigmoid" || fused[1] == "Tanh") {
    emitter.last(node, fused[1], {sum});
  } else {
    return node.error(fmt::format("the fused activation {} is not supported", fused[1]));
  }
  return {};
}

constexpr std::string_view kProduct = "transpose_a transpose_b adj_x adj_y";
constexpr std::string_view kFusedProduct = "transpose_a transpose_b fused_ops num_args epsilon leakyrelu_alpha";

constexpr std::array kRules = {
    OpRule{"Add", "", same, "Add"},
    OpRule{"AddV2", "", same, "Add"},
    OpRule{"Sub", "", same, "Sub"},
    OpRule{"Mul", "", same, "Mul"},
    OpRule{"RealDiv", "", same, "Div"},
    OpRule{"FloorDiv", "", same, "Div"},  // equal for integers that are not negative: sizes and indices
    OpRule{"FloorMod", "", same, "Mod"},  // the same
    OpRule{"Maximum", "", same, "Max"},
    OpRule{"Minimum", "", same, "Min"},
    OpRule{"Pow", "", same, "Pow"},
    OpRule{"Less", "", same, "Less"},
    OpRule{"LessEqual", "", same, "LessOrEqual"},
    OpRule{"Greater", "", same, "Greater"},
    OpRule{"GreaterEqual", "", same, "GreaterOrEqual"},
    OpRule{"Equal", "incompatible_shape_error", same, "Equal"},
    OpRule{"NotEqual", "incompatible_shape_error", not_equal, ""},
    OpRule{"LogicalNot", "", same, "Not"},
    OpRule{"LogicalAnd", "", same, "And"},
    OpRule{"LogicalOr", "", same, "Or"},
    OpRule{"SelectV2", "", same, "Where"},
    OpRule{"Sin", "", same, "Sin"},
    OpRule{"Cos", "", same, "Cos"},
    OpRule{"Tanh", "", same, "Tanh"},
    OpRule{"Sigmoid", "", same, "Sigmoid"},
    OpRule{"Relu", "", same, "Relu"},
    OpRule{"Exp", "", same, "Exp"},
    OpRule{"Log", "", same, "Log"},
    OpRule{"Neg", "", same, "Neg"},
    OpRule{"Abs", "", same, "Abs"},
    OpRule{"Sqrt", "", same, "Sqrt"},
    OpRule{"Floor", "", same, "Floor"},
    OpRule{"Identity", "", same, "Identity"},
    OpRule{"Square", "", square, ""},
    OpRule{"Rsqrt", "", reciprocal_root, ""},
    OpRule{"Relu6", "", relu6, ""},
    OpRule{"LeakyRelu", "alpha", leaky_relu, ""},
    OpRule{"DivNoNan", "", divide_no_nan, ""},
    OpRule{"BiasAdd", "data_format", bias_add, ""},
    OpRule{"Softmax", "", softmax, ""},
    OpRule{"Cast", "DstT", cast, ""},
    OpRule{"Mean", "keep_dims", reduce, "ReduceMean"},
    OpRule{"Max", "keep_dims", reduce, "ReduceMax"},
    OpRule{"Min", "keep_dims", reduce, "ReduceMin"},
    OpRule{"Prod", "keep_dims", reduce, "ReduceProd"},
    OpRule{"Sum", "keep_dims", reduce, "ReduceSum"},
    OpRule{"MatMul", kProduct, matrix_product, ""},
    OpRule{"BatchMatMul", kProduct, matrix_product, ""},
    OpRule{"BatchMatMulV2", kProduct, matrix_product, ""},
    OpRule{"_FusedMatMul", kFusedProduct, matrix_product, ""},
};

}  // namespace

std::span<const OpRule> arithmetic_rules() { return kRules; }

}  // namespace zhiyin
