// The small questions and changes that every rewriting of an ONNX model is made of.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "understand/embed/onnx/onnx_writer.h"

namespace zhiyin {

// A node's attribute, or the fallback where it is absent or of another kind.
std::int64_t integer_of(const OnnxNode& node, std::string_view attribute, std::int64_t fallback);
float real_of(const OnnxNode& node, std::string_view attribute, float fallback);
std::vector<std::int64_t> integers_of(const OnnxNode& node, std::string_view attribute);

// The values that a node takes: its inputs, and what graphs among its attributes (branches, loops) may take from
// outside.
std::vector<std::string_view> values_taken(const OnnxNode& node);

// The constants of a model by name. Points into the model: valid as long as its initializers are left alone.
class ConstantTable {
 public:
  explicit ConstantTable(const OnnxModel& model);
  [[nodiscard]] const OnnxInitializer* find(const std::string& name) const;

 private:
  std::map<std::string_view, const OnnxInitializer*> constants_;
};

// The values of a constant of type float32.
std::vector<float> floats_of(const OnnxInitializer& constant);

// rows x columns, row-major, to columns x rows.
std::vector<float> transposed_matrix(const std::vector<float>& values, std::size_t rows, std::size_t columns);

// Brings a model of opset 9 to opset 10, where products of integers begin: Slice takes its ends as inputs. kInvalid: an
// older model, or an operator that has changed otherwise, by name. Later models are left alone.
Result<void> raise_to_opset_10(OnnxModel& model);

// Nodes whose outputs neither a node nor an output names, nor those that only such nodes needed.
void drop_dead_nodes(OnnxModel& model);

// Constants that neither a node nor an output names any longer.
void drop_unused_initializers(OnnxModel& model);

}  // namespace zhiyin
