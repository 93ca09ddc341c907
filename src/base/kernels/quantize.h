// A matrix of floats in a half to a sixtieth of its size, to be kept; what is read back is float32 again.
//
//   codec   bytes of a row of n           worst error of an element
//   float   4 n                           none
//   half    2 n                           2^-11 of itself, or 2^-25 where it is below 2^-14
//   int8    n + 4                         half a level: the row's largest magnitude / 254
//   int4    n / 2 + 4 ceil(n / 64)        half a level: the largest magnitude of its group of 64 / 14
//   pq      8, and 1024 n for the table   that of a nearest centroid; none of 256 rows or fewer. n >= 512: n / 3 + 8
//   pq8+8   16, and 2048 n                the same, in two stages
//   pq16    16, and 1024 n                the same, in one stage of 16 parts
//   pq32    32, and 1024 n                of 32 parts
//
// pq is product quantisation (base/kernels/product_codes.h).
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/tensors.h"

namespace zhiyin {

enum class Codec { kFloat, kHalf, kInt8, kInt4, kPq, kPqTwice, kPq16, kPq32 };

inline constexpr std::array kCodecs = {Codec::kFloat, Codec::kHalf,    Codec::kInt8, Codec::kInt4,
                                       Codec::kPq,    Codec::kPqTwice, Codec::kPq16, Codec::kPq32};
std::string_view codec_name(Codec codec);
std::optional<Codec> codec_named(std::string_view name);

struct PackedMatrix {
  Codec codec = Codec::kFloat;
  std::size_t rows = 0;
  std::size_t columns = 0;
  Tensor codes;     // rows x columns F32, F16 or I8; rows x ceil(columns / 2) U8, the low half first; rows x parts U8
  Tensor scales;    // F32, rows or rows x groups; of int8 and int4 alone
  Tensor codebook;  // F32, centroids of all stages x columns; of pq and its kin alone
};

// Row-major, finite, rows * columns values. kInvalid: half and a value beyond 65504, pq and fewer columns than parts.
// The centroids of pq repeat bit by bit for a seed.
Result<PackedMatrix> pack_matrix(std::span<const float> values, std::size_t rows, std::size_t columns, Codec codec,
                                 std::uint64_t seed = 42);

// kCorrupt: arrays that do not fit one another. Values are not checked to be finite: Tensors does that.
Result<std::vector<float>> unpack_matrix(const PackedMatrix& packed);

}  // namespace zhiyin
