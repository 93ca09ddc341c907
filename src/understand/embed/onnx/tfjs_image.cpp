// Rules for convolutions, pools, resizing and padding. TensorFlow lays images out NHWC, ONNX NCHW: such a node becomes
// a transposition, the op, and the transposition back; ONNX Runtime cancels those that meet.
#include <fmt/format.h>

#include <array>

#include "understand/embed/onnx/tfjs_emitter.h"

namespace zhiyin {
namespace {

using Integers = Emitter::Integers;

const Integers kToNchw = {0, 3, 1, 2};
const Integers kToNhwc = {0, 2, 3, 1};

// The window of a convolution or pool, as both know it.
struct Window {
  bool channels_last = true;
  Emitter::Attributes attributes;  // strides, dilations and padding, for ONNX
};

// The two numbers of a list of four that belong to height and width.
Result<Integers> height_width(const TfNode& node, std::string_view attribute, bool channels_last) {
  ZY_TRY(const auto all, node.integers(attribute));
  if (all.empty()) return Integers{1, 1};
  if (all.size() != 4) return node.error(fmt::format("{} does not have 4 numbers", attribute));
  return channels_last ? Integers{all[1], all[2]} : Integers{all[2], all[3]};
}

Result<Window> window_of(const TfNode& node) {
  ZY_TRY(const auto format, node.text("data_format", "NHWC"));
  if (format != "NHWC" && format != "NCHW") return node.error(fmt::format("data_format {} is not supported", format));
  Window window{.channels_last = format == "NHWC"};
  ZY_TRY(auto strides, height_width(node, "strides", window.channels_last));
  window.attributes.push_back({"strides", std::move(strides)});
  ZY_TRY(auto dilations, height_width(node, "dilations", window.channels_last));
  if (dilations != Integers{1, 1}) window.attributes.push_back({"dilations", std::move(dilations)});

  ZY_TRY(const auto padding, node.text("padding", "VALID"));
  if (padding == "SAME") {
    window.attributes.push_back({"auto_pad", "SAME_UPPER"});
  } else if (padding == "EXPLICIT") {  // (before, after) of each of the four axes
    ZY_TRY(const auto pads, node.integers("explicit_paddings"));
    if (pads.size() != 8) return node.error("explicit_paddings does not have 8 numbers");
    const std::size_t h = window.channels_last ? 2 : 4;
    window.attributes.push_back({"pads", Integers{pads[h], pads[h + 2], pads[h + 1], pads[h + 3]}});
  } else if (padding != "VALID") {
    return node.error(fmt::format("padding {} is not supported", padding));
  }
  return window;
}

// TensorFlow's kernel [H, W, I, O] as ONNX's [O, I, H, W]; depthwise [H, W, C, M] as [C * M, 1, H, W]. Either way the
// output runs over (outer, inner): (O, I), or (C, M).
std::string kernel(Emitter& emitter, const std::string& name, const TfTensor& tensor, bool depthwise) {
  const auto& shape = tensor.shape;
  const auto area = shape[0] * shape[1];
  const auto outer = depthwise ? shape[2] : shape[3];
  const auto inner = depthwise ? shape[3] : shape[2];
  std::vector<float> values(tensor.floats().size());
  std::size_t at = 0;
  for (std::int64_t o = 0; o < outer; ++o) {
    for (std::int64_t i = 0; i < inner; ++i) {
      for (std::int64_t pixel = 0; pixel < area; ++pixel) {
        const auto channel = depthwise ? o * inner + i : i * outer + o;
        values[at++] = tensor.floats()[static_cast<std::size_t>(pixel * outer * inner + channel)];
      }
    }
  }
  Integers to = depthwise ? Integers{outer * inner, 1, shape[0], shape[1]} : Integers{outer, inner, shape[0], shape[1]};
  return emitter.floats(name + (depthwise ? "~depthwise" : "~oihw"), std::move(to), values);
}

// The activation after a fused bias. The slope of PRelu lies on the last axis, so it comes after the way back to NHWC.
Result<void> activate(Emitter& emitter, const TfNode& node, std::string_view activation, std::string value) {
  if (activation.empty()) {
    emitter.last(node, "Identity", {value});
  } else if (activation == "Relu" || activation == "Sigmoid" || activation == "Tanh" || activation == "Elu") {
    emitter.last(node, std::string(activation), {value});
  } else if (activation == "Relu6") {
    emitter.last(node, "Clip", {value, emitter.scalar(0), emitter.scalar(6)});
  } else if (activation == "LeakyRelu") {
    ZY_TRY(const auto alpha, node.real("leakyrelu_alpha", 0.2));
    emitter.last(node, "LeakyRelu", {value}, {{"alpha", static_cast<float>(alpha)}});
  } else if (activation == "Prelu") {
    ZY_TRY(const auto slope, emitter.input(node, node.inputs.size() - 1));
    emitter.last(node, "PRelu", {value, slope});
  } else {
    return node.error(fmt::format("the fused activation {} is not supported", activation));
  }
  return {};
}

// Conv2D, DepthwiseConv2dNative, and their fused forms (BiasAdd, then an activation).
Result<void> convolution(Emitter& emitter, const TfNode& node, std::string_view) {
  const bool depthwise = node.op.find("Depthwise") != std::string::npos;
  ZY_TRY(auto value, emitter.input(node, 0));
  ZY_TRY(const auto* weights, emitter.constant_floats(node, 1));
  ZY_TRY(auto window, window_of(node));
  if (weights->shape.size() != 4) return node.error("the kernel does not have 4 axes");
  ZY_TRY(const auto fused, node.texts("fused_ops"));
  const bool with_bias = !fused.empty();
  if (with_bias && (fused[0] != "BiasAdd" || fused.size() > 2)) {
    return node.error("fused_ops are not a bias and one activation");
  }
  window.attributes.push_back({"kernel_shape", Integers{weights->shape[0], weights->shape[1]}});
  if (depthwise) window.attributes.push_back({"group", weights->shape[2]});

  if (window.channels_last) value = emitter.step(node, "Transpose", {value}, {{"perm", kToNchw}});
  std::vector<std::string> inputs = {value, kernel(emitter, node.inputs[1], *weights, depthwise)};
  if (with_bias) {
    ZY_TRY(auto bias, emitter.input(node, 2));
    inputs.push_back(std::move(bias));
  }
  value = emitter.step(node, "Conv", std::move(inputs), std::move(window.attributes));
  if (window.channels_last) value = emitter.step(node, "Transpose", {value}, {{"perm", kToNhwc}});
  return activate(emitter, node, fused.size() == 2 ? std::string_view(fused[1]) : std::string_view(), value);
}

// The average of a window at the border is over what lies inside, in both worlds.
Result<void> pool(Emitter& emitter, const TfNode& node, std::string_view onnx) {
  ZY_TRY(auto value, emitter.input(node, 0));
  ZY_TRY(auto window, window_of(node));
  ZY_TRY(auto size, height_width(node, "ksize", window.channels_last));
  window.attributes.push_back({"kernel_shape", std::move(size)});
  if (window.channels_last) value = emitter.step(node, "Transpose", {value}, {{"perm", kToNchw}});
  if (!window.channels_last) {
    emitter.last(node, std::string(onnx), {value}, std::move(window.attributes));
    return {};
  }
  value = emitter.step(node, std::string(onnx), {value}, std::move(window.attributes));
  emitter.last(node, "Transpose", {value}, {{"perm", kToNhwc}});
  return {};
}

// (x, scale, offset, mean, variance), as used after training.
Result<void> batch_norm(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(auto inputs, emitter.inputs(node));
  ZY_TRY(const auto training, node.flag("is_training", true));
  ZY_TRY(const auto epsilon, node.real("epsilon", 1e-4));
  ZY_TRY(const auto format, node.text("data_format", "NHWC"));
  if (training) return node.error("is_training is set: this is not a model made for use");
  if (inputs.size() != 5) return node.error("does not have 5 inputs");
  if (format == "NHWC") inputs[0] = emitter.step(node, "Transpose", {inputs[0]}, {{"perm", kToNchw}});
  Emitter::Attributes attributes = {{"epsilon", static_cast<float>(epsilon)}};
  if (format != "NHWC") {
    emitter.last(node, "BatchNormalization", std::move(inputs), std::move(attributes));
    return {};
  }
  const auto value = emitter.step(node, "BatchNormalization", std::move(inputs), std::move(attributes));
  emitter.last(node, "Transpose", {value}, {{"perm", kToNhwc}});
  return {};
}

// To a size (height, width). ONNX wants all four extents: the first two are taken from the input.
Result<void> resize(Emitter& emitter, const TfNode& node, std::string_view onnx) {
  ZY_TRY(const auto x, emitter.input(node, 0));
  ZY_TRY(const auto size, emitter.input(node, 1));
  ZY_TRY(const auto corners, node.flag("align_corners", false));
  ZY_TRY(const auto half_pixel, node.flag("half_pixel_centers", false));
  const std::string coordinates = corners ? "align_corners" : half_pixel ? "half_pixel" : "asymmetric";
  Emitter::Attributes attributes = {{"mode", std::string(onnx)}, {"coordinate_transformation_mode", coordinates}};
  // Nearest: TensorFlow rounds down, but rounds to the nearest where corners or pixel centres are aligned.
  const bool rounds = corners || half_pixel;
  if (onnx == "nearest") attributes.push_back({"nearest_mode", std::string(rounds ? "round_prefer_ceil" : "floor")});

  const auto image = emitter.step(node, "Transpose", {x}, {{"perm", kToNchw}});
  const auto extents = emitter.step(node, "Shape", {image});
  const auto first_two = emitter.step(node, "Slice", {extents, emitter.integers({0}), emitter.integers({2})});
  const auto sizes = emitter.step(node, "Concat", {first_two, size}, {{"axis", std::int64_t{0}}});
  const auto resized = emitter.step(node, "Resize", {image, "", "", sizes}, std::move(attributes));
  emitter.last(node, "Transpose", {resized}, {{"perm", kToNhwc}});
  return {};
}

// [n, 2] of (before, after) becomes all befores, then all afters.
Result<void> pad(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto x, emitter.input(node, 0));
  ZY_TRY(const auto pairs, emitter.constant_integers(node, 1));
  if (pairs.size() % 2 != 0) return node.error("the paddings are not pairs");
  Integers pads;
  for (std::size_t side = 0; side < 2; ++side) {
    for (std::size_t i = side; i < pairs.size(); i += 2) pads.push_back(pairs[i]);
  }
  std::vector<std::string> inputs = {x, emitter.integers(pads)};
  std::string mode = "constant";
  if (node.op == "PadV2") {
    ZY_TRY(auto value, emitter.input(node, 2));
    inputs.push_back(std::move(value));
  } else if (node.op == "MirrorPad") {
    ZY_TRY(const auto mirror, node.text("mode", "REFLECT"));
    if (mirror != "REFLECT") return node.error(fmt::format("mode {} is not supported", mirror));
    mode = "reflect";
  }
  emitter.last(node, "Pad", std::move(inputs), {{"mode", mode}});
  return {};
}

constexpr std::string_view kWindow = "strides dilations padding explicit_paddings data_format";
constexpr std::string_view kFusedWindow =
    "strides dilations padding explicit_paddings data_format fused_ops num_args epsilon leakyrelu_alpha";
constexpr std::string_view kPool = "ksize strides padding explicit_paddings data_format";
constexpr std::string_view kNorm = "epsilon data_format is_training exponential_avg_factor";
constexpr std::string_view kResize = "align_corners half_pixel_centers";

constexpr std::array kRules = {
    OpRule{"Conv2D", kWindow, convolution, ""},
    OpRule{"DepthwiseConv2dNative", kWindow, convolution, ""},
    OpRule{"_FusedConv2D", kFusedWindow, convolution, ""},
    OpRule{"FusedDepthwiseConv2dNative", kFusedWindow, convolution, ""},
    OpRule{"MaxPool", kPool, pool, "MaxPool"},
    OpRule{"AvgPool", kPool, pool, "AveragePool"},
    OpRule{"FusedBatchNorm", kNorm, batch_norm, ""},
    OpRule{"FusedBatchNormV3", kNorm, batch_norm, ""},
    OpRule{"ResizeBilinear", kResize, resize, "linear"},
    OpRule{"ResizeNearestNeighbor", kResize, resize, "nearest"},
    OpRule{"Pad", "", pad, ""},
    OpRule{"PadV2", "", pad, ""},
    OpRule{"MirrorPad", "mode", pad, ""},
};

}  // namespace

std::span<const OpRule> image_rules() { return kRules; }

}  // namespace zhiyin
