// Vectors in half or a quarter of their size, to be kept: half precision, or eight-bit levels with one scale a vector.
//
//   bytes                                      first byte  worst error of an element
//   float32, as vectors were always kept       none        none
//   half precision                             'h'         2^-11 of itself
//   eight bits: scale (float32), levels        'i'         half a level: the largest element / 254
//
// The length tells the first kind from the others: float32 makes a multiple of four, the others are padded with a zero
// to an odd number of bytes. So a table may hold old and new rows side by side.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace zhiyin {

enum class VectorPrecision { kFloat, kHalf, kInt8 };

// The precision that a vector is kept in where `wanted` is asked for. Eight bits share one scale, which fits a
// direction (unit length, all elements of a kind) and ruins a list of facts in units of their own (loudness beside
// seconds): what is not of unit length is kept in half instead. What halves cannot hold (beyond 65504, all of it below
// 2^-14, not finite) is kept as float32.
VectorPrecision kept_precision(std::span<const float> values, VectorPrecision wanted);

// Elements must be finite; kHalf makes infinity of what is beyond 65504.
std::string pack_vector(std::span<const float> values, VectorPrecision precision);

// kCorrupt: a length or a first byte that pack_vector does not make.
Result<std::vector<float>> unpack_vector(std::string_view bytes);

}  // namespace zhiyin
