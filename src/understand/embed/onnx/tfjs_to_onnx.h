// Our own converter from a TensorFlow.js graph model to ONNX (opset 13).
//
// Only what the wanted outputs need is converted. All integers become int64, which removes every mismatch between int32
// and int64 operands. Axes, permutations, paddings and kernels must be constants: they are read while converting.
// The arithmetic is the original's, operation by operation, so the outputs agree to rounding (about 1e-6).
//
// Errors (kInvalid) name the node and its op: an op or an attribute without a rule, an operand that ought to be
// constant, a cycle, an output that is not there. Nothing is skipped silently.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "understand/embed/onnx/onnx_writer.h"
#include "understand/embed/onnx/tfjs_reader.h"

namespace zhiyin {

struct TfjsToOnnxOptions {
  std::string name;                  // of the ONNX graph
  std::vector<std::string> outputs;  // node names, or "node:k"; they keep their names in the ONNX model
};

Result<OnnxModel> tfjs_to_onnx(const TfjsModel& model, const TfjsToOnnxOptions& options);

}  // namespace zhiyin
