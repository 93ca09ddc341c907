// The bytes of an ONNX file as an OnnxModel: to be rewritten (quantize.h) and written back.
//
// A model read and written again computes what it did. What edits look into is read: nodes, constants, inputs and
// outputs, numbers and texts among the attributes. The rest is carried through as its bytes: tensors, lists and graphs
// in attributes (branches and loops), functions, shapes of values in between, whatever later versions of the format
// add. Two things change their form: a Constant node becomes an initializer, and an initializer is no longer listed
// among the inputs (which let a caller replace it).
#pragma once

#include <string_view>

#include "base/result.h"
#include "understand/embed/onnx/onnx_writer.h"

namespace zhiyin {

// kInvalid: bytes that are no ONNX model, or one with something that cannot be kept: weights in a file beside it,
// inputs or outputs that are not tensors, constants of text or of types below eight bits that are not stored as raw
// bytes. The message names the thing. The bytes may be anybody's. Thread-safe.
Result<OnnxModel> read_onnx(std::string_view bytes);

}  // namespace zhiyin
