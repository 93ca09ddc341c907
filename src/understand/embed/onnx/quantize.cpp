#include "understand/embed/onnx/quantize.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/half.h"
#include "understand/embed/onnx/model_edits.h"

namespace zhiyin {
namespace {

using Integers = std::vector<std::int64_t>;

// A matrix in levels of -top .. top. `scales` has one number a column, or one a row.
struct Levels {
  std::string bytes;
  std::vector<float> scales;
};
enum class Scaled { kByColumn, kByRow };

Levels to_levels(const std::vector<float>& values, std::size_t columns, Scaled scaled, int top) {
  const std::size_t rows = values.size() / columns;
  const auto group = [&](std::size_t i) { return scaled == Scaled::kByColumn ? i % columns : i / columns; };
  Levels levels{.bytes = std::string(values.size(), '\0'),
                .scales = std::vector<float>(scaled == Scaled::kByColumn ? columns : rows, 0.0F)};
  for (std::size_t i = 0; i < values.size(); ++i)
    levels.scales[group(i)] = std::max(levels.scales[group(i)], std::abs(values[i]));
  for (auto& scale : levels.scales) scale = scale > 0 ? scale / static_cast<float>(top) : 1.0F;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto level =
        static_cast<std::int8_t>(std::clamp(std::lround(values[i] / levels.scales[group(i)]), -long{top}, long{top}));
    levels.bytes[i] = static_cast<char>(level);
  }
  return levels;
}

// What each column of the rounded matrix adds up to.
std::vector<float> column_sums(const Levels& levels) {
  const auto columns = levels.scales.size();
  std::vector<std::int64_t> sums(columns, 0);
  for (std::size_t i = 0; i < levels.bytes.size(); ++i) sums[i % columns] += static_cast<std::int8_t>(levels.bytes[i]);
  std::vector<float> out(columns);
  for (std::size_t j = 0; j < columns; ++j) out[j] = levels.scales[j] * static_cast<float>(sums[j]);
  return out;
}

class Quantizer {
 public:
  Quantizer(OnnxModel& model, const QuantizeOptions& options) : model_(model), options_(options), constants_(model) {}

  Quantized run() {
    auto nodes = std::move(model_.nodes);
    model_.nodes.clear();
    for (auto& node : nodes) {
      if (const auto* matrix = matrix_of(node); options_.products && matrix != nullptr) {
        product(node, *matrix);
      } else if (const auto* table = table_of(node); options_.tables && table != nullptr) {
        gather(node, *table);
      } else {
        model_.nodes.push_back(std::move(node));
      }
    }
    for (auto& constant : made_) model_.initializers.push_back(std::move(constant));
    drop_unused_initializers(model_);
    return done_;
  }

 private:
  [[nodiscard]] const OnnxInitializer* large_matrix(const std::string& name) const {
    const auto* constant = constants_.find(name);
    const bool fits = constant != nullptr && constant->type == OnnxType::kFloat && constant->shape.size() == 2 &&
                      constant->bytes.size() / sizeof(float) >= options_.least_values;
    return fits ? constant : nullptr;
  }

  // The constant that the node multiplies by, if it is a product that can be rewritten.
  [[nodiscard]] const OnnxInitializer* matrix_of(const OnnxNode& node) const {
    if (node.inputs.size() < 2 || !node.domain.empty()) return nullptr;
    if (node.op == "Gemm") {
      const bool plain =
          real_of(node, "alpha", 1) == 1 && real_of(node, "beta", 1) == 1 && integer_of(node, "transA", 0) == 0;
      return plain ? large_matrix(node.inputs[1]) : nullptr;
    }
    return node.op == "MatMul" ? large_matrix(node.inputs[1]) : nullptr;
  }

  [[nodiscard]] const OnnxInitializer* table_of(const OnnxNode& node) const {
    return node.op == "Gather" && node.domain.empty() && node.inputs.size() == 2 && integer_of(node, "axis", 0) == 0
               ? large_matrix(node.inputs[0])
               : nullptr;
  }

  void product(const OnnxNode& node, const OnnxInitializer& matrix) {
    const bool transposed = node.op == "Gemm" && integer_of(node, "transB", 0) != 0;
    const auto weights = weights_of(matrix, transposed);
    const auto& x =
        options_.activations == Activations::kByRow ? rounded_by_row(node.inputs[0]) : rounded(node.inputs[0]);
    const auto& out = node.outputs[0];
    add("MatMulInteger", {x.levels, weights.levels, x.zero}, out + "~sums");
    cast(out + "~sums", out + "~floats", OnnxType::kFloat);
    std::vector<std::string> summands;
    if (!x.least.empty()) summands.push_back(add("Mul", {x.least, weights.sums}, out + "~offset"));
    if (node.op == "Gemm" && node.inputs.size() == 3 && !node.inputs[2].empty()) summands.push_back(node.inputs[2]);
    // ONNX Runtime runs Cast and the two Muls in this form as one kernel with the product.
    add("Mul", {x.scale, weights.scales}, out + "~scale");
    auto sum = add("Mul", {out + "~floats", out + "~scale"}, summands.empty() ? out : out + "~product");
    for (std::size_t i = 0; i < summands.size(); ++i) {
      sum = add("Add", {sum, summands[i]}, i + 1 == summands.size() ? out : out + "~offset_product");
    }
    ++done_.products;
  }

  void gather(const OnnxNode& node, const OnnxInitializer& table) {
    const auto names = table_levels(table);
    const auto& out = node.outputs[0];
    add("Gather", {names.levels, node.inputs[1]}, out + "~levels");
    cast(out + "~levels", out + "~floats", OnnxType::kFloat);
    add("Gather", {names.scales, node.inputs[1]},
        out + "~scale");  // [rows, 1]: one axis more than the indices, as the levels
    add("Mul", {out + "~floats", out + "~scale"}, out);
    ++done_.tables;
  }

  // An activation in levels: x = scale (levels - zero) + least.
  struct Rounded {
    std::string levels, scale;
    std::string zero;   // "" is 0
    std::string least;  // "" is 0
  };
  const Rounded& rounded(const std::string& x) {
    const auto [entry, added] = rounded_.try_emplace(x, Rounded{x + "~u8", x + "~u8_scale", x + "~u8_zero", ""});
    const auto& names = entry->second;
    if (added) model_.nodes.push_back({"DynamicQuantizeLinear", {x}, {names.levels, names.scale, names.zero}, {}});
    return names;
  }

  const Rounded& rounded_by_row(const std::string& x) {
    const auto [entry, added] = rounded_.try_emplace(x, Rounded{x + "~u8", x + "~u8_scale", "", x + "~u8_least"});
    const auto& names = entry->second;
    if (!added) return names;
    over_last_axis("ReduceMin", x, names.least);
    over_last_axis("ReduceMax", x, x + "~u8_most");
    add("Sub", {x + "~u8_most", names.least}, x + "~u8_range");
    add("Mul", {x + "~u8_range", scalar("~one_level", 1.0F / 255)}, x + "~u8_step");
    add("Max", {x + "~u8_step", scalar("~least_step", 1e-30F)}, names.scale);  // a row of equal numbers has no range
    add("Sub", {x, names.least}, x + "~u8_above");
    add("Div", {x + "~u8_above", names.scale}, x + "~u8_exact");
    // A cast cuts off, so half a level more is rounding. (Round came with opset 11.)
    add("Add", {x + "~u8_exact", scalar("~half_level", 0.5F)}, x + "~u8_round");
    cast(x + "~u8_round", names.levels, OnnxType::kUint8);
    return names;
  }

  // The axes are an attribute up to opset 17, an input from 18.
  void over_last_axis(const std::string& op, const std::string& x, const std::string& out) {
    const OnnxAttribute keep{"keepdims", std::int64_t{1}};
    if (model_.opset() < 18) {
      add(op, {x}, out, {{"axes", Integers{-1}}, keep});
      return;
    }
    const std::string axis = "~last_axis";
    constexpr std::int64_t kLast = -1;
    if (written_.insert(axis).second)
      made_.push_back(OnnxInitializer::of(axis, {1}, std::span<const std::int64_t>(&kLast, 1)));
    add(op, {x, axis}, out, {keep});
  }

  struct Weights {
    std::string levels, scales;
    std::string sums;  // of each column, as floats
  };
  Weights weights_of(const OnnxInitializer& matrix, bool transposed) {
    const auto prefix = matrix.name + (transposed ? "~i8t" : "~i8");
    const Weights names{prefix, prefix + "_scale", prefix + "_sums"};
    if (!written_.insert(names.levels).second) return names;
    auto values = floats_of(matrix);
    done_.weights += values.size();
    auto shape = matrix.shape;
    if (transposed) {
      values = transposed_matrix(values, static_cast<std::size_t>(shape[0]), static_cast<std::size_t>(shape[1]));
      std::swap(shape[0], shape[1]);
    }
    auto levels = to_levels(values, static_cast<std::size_t>(shape[1]), Scaled::kByColumn, options_.top_level);
    const auto sums = column_sums(levels);
    made_.push_back(OnnxInitializer::of(names.scales, {shape[1]}, std::span<const float>(levels.scales)));
    made_.push_back(OnnxInitializer::of(names.sums, {shape[1]}, std::span<const float>(sums)));
    made_.push_back({names.levels, OnnxType::kInt8, std::move(shape), std::move(levels.bytes)});
    return names;
  }

  // A gathered row is never summed in eight bits, so it has all levels whatever the processor.
  Weights table_levels(const OnnxInitializer& table) {
    const Weights names{table.name + "~i8rows", table.name + "~i8rows_scale", ""};
    if (!written_.insert(names.levels).second) return names;
    done_.weights += table.bytes.size() / sizeof(float);
    auto levels = to_levels(floats_of(table), static_cast<std::size_t>(table.shape[1]), Scaled::kByRow, 127);
    made_.push_back(OnnxInitializer::of(names.scales, {table.shape[0], 1}, std::span<const float>(levels.scales)));
    made_.push_back({names.levels, OnnxType::kInt8, table.shape, std::move(levels.bytes)});
    return names;
  }

  // Returns the output's name.
  std::string add(std::string op, std::vector<std::string> inputs, std::string output,
                  std::vector<OnnxAttribute> attributes = {}) {
    model_.nodes.push_back({std::move(op), std::move(inputs), {output}, std::move(attributes)});
    return output;
  }
  void cast(const std::string& from, const std::string& to, OnnxType type) {
    add("Cast", {from}, to, {{"to", std::int64_t{static_cast<int>(type)}}});
  }
  std::string scalar(const std::string& name, float value) {
    if (written_.insert(name).second) made_.push_back(OnnxInitializer::of(name, {}, std::span<const float>(&value, 1)));
    return name;
  }

  OnnxModel& model_;
  const QuantizeOptions& options_;
  ConstantTable constants_;
  std::map<std::string, Rounded> rounded_;  // activations, by name
  std::set<std::string> written_;           // constants that exist already
  std::vector<OnnxInitializer> made_;       // kept apart while constants_ points into the model
  Quantized done_;
};

}  // namespace

Quantized quantize(OnnxModel& model, const QuantizeOptions& options) {
  if (model.opset() < (options.activations == Activations::kWhole ? 11 : 10)) return {};
  return Quantizer(model, options).run();
}

std::size_t store_in_half(OnnxModel& model, std::size_t least_values) {
  constexpr float kLargestHalf = 65504;
  std::vector<OnnxNode> casts;
  for (auto& constant : model.initializers) {
    if (constant.type != OnnxType::kFloat || constant.bytes.size() / sizeof(float) < least_values) continue;
    const auto values = floats_of(constant);
    if (!std::ranges::all_of(values, [](float x) { return std::abs(x) <= kLargestHalf; })) continue;
    std::vector<std::uint16_t> halves(values.size());
    std::ranges::transform(values, halves.begin(), float_to_half);
    const auto widened = constant.name;
    constant.name += "~half";
    constant.type = OnnxType::kHalf;
    constant.bytes.assign(reinterpret_cast<const char*>(halves.data()), halves.size() * sizeof(std::uint16_t));
    casts.push_back({"Cast", {constant.name}, {widened}, {{"to", std::int64_t{static_cast<int>(OnnxType::kFloat)}}}});
  }
  model.nodes.insert(model.nodes.begin(), casts.begin(), casts.end());
  return casts.size();
}

}  // namespace zhiyin
