// Rules for ops that move values about: shapes, slices, joins, gathers, scatters.
#include <fmt/format.h>

#include <array>
#include <limits>

#include "understand/embed/onnx/tfjs_emitter.h"

namespace zhiyin {
namespace {

using Integers = Emitter::Integers;

constexpr std::int64_t kToTheEnd = std::numeric_limits<std::int64_t>::max();

bool has_bit(std::int64_t mask, std::size_t i) { return (mask >> i & 1) != 0; }

Result<void> placeholder(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto type, node.type("dtype"));
  const auto& shape = node.attributes["shape"]["shape"];
  Integers extents;
  for (const auto& dimension : shape["dim"].elements()) {
    const auto& size = dimension["size"];
    const auto extent = size.is_string() ? std::atoll(std::string(size.as_string()).c_str()) : size.as_integer(-1);
    extents.push_back(extent < 0 ? -1 : extent);
  }
  const bool unknown = shape.is_null() || shape["unknownRank"].as_bool();
  emitter.graph_input(node, type, std::move(extents), unknown);
  return {};
}

Result<void> shape(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto x, emitter.input(node, 0));
  emitter.last(node, "Shape", {x});
  return {};
}

// In opset 13 an extent of 0 means "as it was", in TensorFlow it means none: they differ only for empty arrays.
Result<void> reshape(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(auto inputs, emitter.inputs(node));
  emitter.last(node, "Reshape", std::move(inputs));
  return {};
}

Result<void> transpose(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto x, emitter.input(node, 0));
  ZY_TRY(const auto axes, emitter.constant_integers(node, 1));
  emitter.last(node, "Transpose", {x}, {{"perm", axes}});
  return {};
}

Result<void> expand_dims(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto x, emitter.input(node, 0));
  ZY_TRY(const auto axes, emitter.constant_integers(node, 1));
  emitter.last(node, "Unsqueeze", {x, emitter.integers(axes)});
  return {};
}

Result<void> squeeze(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto x, emitter.input(node, 0));
  ZY_TRY(auto axes, node.integers("squeeze_dims"));
  if (axes.empty()) {
    ZY_TRY(axes, node.integers("axis"));
  }
  std::vector<std::string> inputs = {x};
  if (!axes.empty()) inputs.push_back(emitter.integers(axes));  // none: every axis of extent 1
  emitter.last(node, "Squeeze", std::move(inputs));
  return {};
}

// The axis is the last input.
Result<void> concatenate(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto axis, emitter.constant_integers(node, node.inputs.size() - 1));
  if (axis.size() != 1) return node.error("the axis is not one number");
  std::vector<std::string> parts;
  for (std::size_t i = 0; i + 1 < node.inputs.size(); ++i) {
    ZY_TRY(auto part, emitter.input(node, i));
    parts.push_back(std::move(part));
  }
  emitter.last(node, "Concat", std::move(parts), {{"axis", axis[0]}});
  return {};
}

Result<void> pack(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto axis, node.integer("axis", 0));
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    ZY_TRY(const auto part, emitter.input(node, i));
    parts.push_back(emitter.step(node, "Unsqueeze", {part, emitter.integers({axis})}));
  }
  emitter.last(node, "Concat", std::move(parts), {{"axis", axis}});
  return {};
}

Result<void> range(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(auto inputs, emitter.inputs(node));
  emitter.last(node, "Range", std::move(inputs));
  return {};
}

Result<void> fill(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto extents, emitter.input(node, 0));
  ZY_TRY(const auto value, emitter.input(node, 1));
  emitter.last(node, "Expand", {value, extents});
  return {};
}

// Begin and size; a size of -1 goes to the end. Either may be computed, but then no size may be -1.
Result<void> slice(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto x, emitter.input(node, 0));
  const auto* begin = emitter.constant(node, 1);
  const auto* size = emitter.constant(node, 2);
  if (begin != nullptr && size != nullptr && !begin->is_float() && !size->is_float()) {
    const auto& starts = begin->integers();
    const auto& sizes = size->integers();
    if (starts.size() != sizes.size()) return node.error("begin and size differ in length");
    Integers ends(starts.size());
    for (std::size_t i = 0; i < ends.size(); ++i) ends[i] = sizes[i] < 0 ? kToTheEnd : starts[i] + sizes[i];
    emitter.last(node, "Slice", {x, emitter.integers(starts), emitter.integers(ends)});
    return {};
  }
  if (size != nullptr && !size->is_float()) {
    for (const auto extent : size->integers()) {
      if (extent < 0) return node.error("a size of -1 with a begin that is computed is not supported");
    }
  }
  ZY_TRY(const auto starts, emitter.input(node, 1));
  ZY_TRY(const auto sizes, emitter.input(node, 2));
  emitter.last(node, "Slice", {x, starts, emitter.step(node, "Add", {starts, sizes})});
  return {};
}

// x[begin:end:stride] of NumPy, one entry of the specification at a time. A new axis takes nothing of the input; an
// index (shrink) takes one element and loses the axis; the rest is a range, open where the masks say so.
Result<void> strided_slice(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(auto value, emitter.input(node, 0));
  ZY_TRY(const auto begin, emitter.constant_integers(node, 1));
  ZY_TRY(const auto end, emitter.constant_integers(node, 2));
  ZY_TRY(const auto strides, emitter.constant_integers(node, 3));
  ZY_TRY(const auto begin_mask, node.integer("begin_mask", 0));
  ZY_TRY(const auto end_mask, node.integer("end_mask", 0));
  ZY_TRY(const auto ellipsis_mask, node.integer("ellipsis_mask", 0));
  ZY_TRY(const auto new_axis_mask, node.integer("new_axis_mask", 0));
  ZY_TRY(const auto shrink_mask, node.integer("shrink_axis_mask", 0));
  if (ellipsis_mask != 0) return node.error("ellipsis_mask is not supported");
  if (begin.size() != end.size() || begin.size() != strides.size()) {
    return node.error("begin, end and strides differ in length");
  }

  Integers starts, ends, axes, steps, squeezed, unsqueezed;
  std::int64_t in_axis = 0;   // of the input
  std::int64_t out_axis = 0;  // of the output
  for (std::size_t i = 0; i < begin.size(); ++i) {
    if (has_bit(new_axis_mask, i)) {
      unsqueezed.push_back(out_axis++);
      continue;
    }
    axes.push_back(in_axis++);
    if (has_bit(shrink_mask, i)) {
      starts.push_back(begin[i]);
      ends.push_back(begin[i] == -1 ? kToTheEnd : begin[i] + 1);
      steps.push_back(1);
      squeezed.push_back(axes.back());
      continue;
    }
    const bool backward = strides[i] < 0;
    starts.push_back(has_bit(begin_mask, i) ? (backward ? kToTheEnd : 0) : begin[i]);
    ends.push_back(has_bit(end_mask, i) ? (backward ? -kToTheEnd : kToTheEnd) : end[i]);
    steps.push_back(strides[i]);
    ++out_axis;
  }
  if (!axes.empty()) {
    value = emitter.step(
        node, "Slice",
        {value, emitter.integers(starts), emitter.integers(ends), emitter.integers(axes), emitter.integers(steps)});
  }
  if (!squeezed.empty()) value = emitter.step(node, "Squeeze", {value, emitter.integers(squeezed)});
  if (!unsqueezed.empty()) value = emitter.step(node, "Unsqueeze", {value, emitter.integers(unsqueezed)});
  emitter.last(node, "Identity", {value});
  return {};
}

// SplitV (x, sizes, axis) and Split (axis, x; equal parts).
Result<void> split(Emitter& emitter, const TfNode& node, std::string_view) {
  const bool with_sizes = node.op == "SplitV";
  ZY_TRY(const auto count, node.integer("num_split", 0));
  ZY_TRY(const auto axis, emitter.constant_integers(node, with_sizes ? 2 : 0));
  ZY_TRY(const auto x, emitter.input(node, with_sizes ? 0 : 1));
  if (count < 1 || count > 4096 || axis.size() != 1) return node.error("num_split or the axis is not one number");
  OnnxNode out{"Split", {x}, {node.name}, {{"axis", axis[0]}}};
  for (std::int64_t k = 1; k < count; ++k) out.outputs.push_back(fmt::format("{}:{}", node.name, k));
  if (with_sizes) {
    ZY_TRY(const auto sizes, emitter.constant_integers(node, 1));
    for (const auto size : sizes) {
      if (size < 0) return node.error("a size of -1 is not supported");
    }
    out.inputs.push_back(emitter.integers(sizes));
  }
  emitter.add(std::move(out));
  return {};
}

Result<void> gather(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto x, emitter.input(node, 0));
  ZY_TRY(const auto indices, emitter.input(node, 1));
  ZY_TRY(const auto axis, emitter.constant_integers(node, 2));
  ZY_TRY(const auto batch, node.integer("batch_dims", 0));
  if (batch != 0) return node.error("batch_dims is not supported");
  if (axis.size() != 1) return node.error("the axis is not one number");
  emitter.last(node, "Gather", {x, indices}, {{"axis", axis[0]}});
  return {};
}

Result<void> gather_nd(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(auto inputs, emitter.inputs(node));
  emitter.last(node, "GatherND", std::move(inputs));
  return {};
}

// (indices, updates, shape) over zeros. TensorFlow adds up updates of one index, opset 13 keeps one: this holds for
// indices that differ, as those that Where gives do.
Result<void> scatter_nd(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto indices, emitter.input(node, 0));
  ZY_TRY(const auto updates, emitter.input(node, 1));
  ZY_TRY(const auto extents, emitter.input(node, 2));
  ZY_TRY(const auto type, node.type("T"));
  if (type != TfType::kFloat) return node.error("only float updates are supported");
  emitter.last(node, "ScatterND", {emitter.step(node, "ConstantOfShape", {extents}), indices, updates});
  return {};
}

// (indices [n, rank], shape, values, default)
Result<void> sparse_to_dense(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto indices, emitter.input(node, 0));
  ZY_TRY(const auto extents, emitter.input(node, 1));
  ZY_TRY(const auto values, emitter.input(node, 2));
  ZY_TRY(const auto otherwise, emitter.input(node, 3));
  emitter.last(node, "ScatterND", {emitter.step(node, "Expand", {otherwise, extents}), indices, values});
  return {};
}

// Where with one input: the indices of what is not zero, one row each.
Result<void> where(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto x, emitter.input(node, 0));
  emitter.last(node, "Transpose", {emitter.step(node, "NonZero", {x})}, {{"perm", Integers{1, 0}}});
  return {};
}

Result<void> top_k(Emitter& emitter, const TfNode& node, std::string_view) {
  ZY_TRY(const auto x, emitter.input(node, 0));
  ZY_TRY(const auto k, emitter.constant_integers(node, 1));
  ZY_TRY(const auto sorted, node.flag("sorted", true));
  emitter.add({"TopK",
               {x, emitter.integers(k)},
               {node.name, node.name + ":1"},
               {{"axis", std::int64_t{-1}}, {"sorted", std::int64_t{sorted ? 1 : 0}}}});
  return {};
}

constexpr std::string_view kMasks = "begin_mask end_mask ellipsis_mask new_axis_mask shrink_axis_mask";

constexpr std::array kRules = {
    OpRule{"Placeholder", "dtype shape", placeholder, ""},
    OpRule{"Shape", "", shape, ""},
    OpRule{"Reshape", "", reshape, ""},
    OpRule{"Transpose", "", transpose, ""},
    OpRule{"ExpandDims", "", expand_dims, ""},
    OpRule{"Squeeze", "squeeze_dims axis", squeeze, ""},
    OpRule{"ConcatV2", "", concatenate, ""},
    OpRule{"Pack", "axis", pack, ""},
    OpRule{"Range", "", range, ""},
    OpRule{"Fill", "index_type", fill, ""},
    OpRule{"Slice", "", slice, ""},
    OpRule{"StridedSlice", kMasks, strided_slice, ""},
    OpRule{"Split", "", split, ""},
    OpRule{"SplitV", "", split, ""},
    OpRule{"GatherV2", "batch_dims", gather, ""},
    OpRule{"GatherNd", "", gather_nd, ""},
    OpRule{"ScatterNd", "", scatter_nd, ""},
    OpRule{"SparseToDense", "", sparse_to_dense, ""},
    OpRule{"Where", "", where, ""},
    OpRule{"TopKV2", "sorted", top_k, ""},
};

}  // namespace

std::span<const OpRule> array_rules() { return kRules; }

}  // namespace zhiyin
