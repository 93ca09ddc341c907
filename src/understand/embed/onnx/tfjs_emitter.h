// Inside the converter: the ONNX model while it grows, and the table of rules that make it grow.
//
// A rule turns one TensorFlow node into ONNX nodes; the last of them gives a value of the TensorFlow node's own name
// ("name", and "name:k" for further outputs), so later nodes find their inputs by the names they already use.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "understand/embed/onnx/onnx_writer.h"
#include "understand/embed/onnx/tfjs_reader.h"

namespace zhiyin {

class Emitter {
 public:
  using Attributes = std::vector<OnnxAttribute>;
  using Integers = std::vector<std::int64_t>;

  Emitter(const TfjsModel& model, OnnxModel& onnx) : model_(model), onnx_(onnx) {}

  // --- What comes in.
  // The name of the value that is the node's i-th input; a constant is written into the model at its first use.
  Result<std::string> input(const TfNode& node, std::size_t i);
  // All inputs, in order.
  Result<std::vector<std::string>> inputs(const TfNode& node);
  // The constant behind the i-th input, or null where it is computed. Identity nodes are looked through.
  [[nodiscard]] const TfTensor* constant(const TfNode& node, std::size_t i) const;
  // The same, where the rule cannot do without: an error names the input.
  [[nodiscard]] Result<Integers> constant_integers(const TfNode& node, std::size_t i) const;
  [[nodiscard]] Result<const TfTensor*> constant_floats(const TfNode& node, std::size_t i) const;
  // The rank of the i-th input as far as the graph tells it (there is no full shape inference).
  [[nodiscard]] std::optional<std::size_t> rank(const TfNode& node, std::size_t i) const;

  // --- What goes out.
  // One ONNX node whose output bears the TensorFlow node's name.
  void last(const TfNode& node, std::string op, std::vector<std::string> inputs, Attributes attributes = {});
  // One on the way: returns the name of its output.
  std::string step(const TfNode& node, std::string op, std::vector<std::string> inputs, Attributes attributes = {});
  void add(OnnxNode node) { onnx_.nodes.push_back(std::move(node)); }

  // Constants made by the converter; equal ones are shared.
  std::string integers(const Integers& values);  // 1-D
  std::string scalar(float value);               // 0-D
  std::string floats(std::string name, Integers shape, std::span<const float> values);

  void graph_input(const TfNode& node, TfType type, Integers shape, bool unknown_rank);

 private:
  std::optional<std::size_t> rank_of(std::string_view value, int depth) const;
  void initializer(OnnxInitializer tensor);

  const TfjsModel& model_;
  OnnxModel& onnx_;
  std::set<std::string, std::less<>> initializers_;
  std::map<std::string, int, std::less<>> steps_;  // how many each node has used
};

// One row of the table. `onnx` is handed to the rule, so that ops of one form share it.
struct OpRule {
  std::string_view op;
  std::string_view attributes;  // those the rule reads, blank-separated; types (T, Tidx, ..) and N need no mention
  Result<void> (*emit)(Emitter& emitter, const TfNode& node, std::string_view onnx);
  std::string_view onnx;
};

std::span<const OpRule> arithmetic_rules();  // elementwise, reductions, products
std::span<const OpRule> array_rules();       // shapes, slices, gathers, scatters
std::span<const OpRule> image_rules();       // convolutions, pools, resizing, padding

OnnxType onnx_type(TfType type);

}  // namespace zhiyin
