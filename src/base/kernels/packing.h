// Named arrays with some of them packed (base/kernels/quantize.h), and back. A packed array NAME stands as NAME.codes,
// NAME.scales and NAME.codebook, and the metadata say how under "packed.NAME": "int8 1447x128".
//
// Arrays of one dimension are packed as rows of 128, so that a scale serves what stands together.
#pragma once

#include <map>
#include <string>

#include "base/kernels/quantize.h"

namespace zhiyin {

// By array name; what is not named stays as it is.
using Packing = std::map<std::string, Codec, std::less<>>;

// Whether it pays to pack this one: float32, and some thousand numbers.
bool packable(const Tensor& tensor);

// Error kInvalid: an array that is not there, that is not float32, or that the codec cannot hold (pack_matrix()).
Result<Tensors> pack_tensors(const Tensors& tensors, const Packing& packing, std::uint64_t seed = 42);

// Arrays that are not packed are shared, not copied. Error kCorrupt.
Result<Tensors> unpack_tensors(const Tensors& tensors);

// Of all arrays.
std::size_t bytes_of(const Tensors& tensors);

}  // namespace zhiyin
