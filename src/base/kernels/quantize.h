// A matrix of floats in a half to a sixtieth of its size, to be kept; what is read back is float32 again.
//
//   codec   bytes of a row of n           worst error of an element
//   float   4 n                           none
//   half    2 n                           2^-11 of itself, or 2^-25 where it is below 2^-14
//   int8    n + 4                         half a level: the row's largest magnitude / 254
//   int4    n / 2 + 4 ceil(n / 64)        half a level: the largest magnitude of its group of 64 / 14
//   pq      8, and 1024 n for the table   that of a nearest centroid; none where there are no more than 256 rows
//
// pq is product quantisation (Jegou, Douze, Schmid 2011): columns are dealt into 8 parts, each part of a row becomes
// the number of the nearest of 256 centroids, found by k-means. Column j belongs to part j mod 8: where neighbouring
// columns matter alike, as in a basis of eigenvectors, so do the parts then.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/tensors.h"

namespace zhiyin {

enum class Codec { kFloat, kHalf, kInt8, kInt4, kPq };

inline constexpr std::array<Codec, 5> kCodecs = {Codec::kFloat, Codec::kHalf, Codec::kInt8, Codec::kInt4, Codec::kPq};
std::string_view codec_name(Codec codec);
std::optional<Codec> codec_named(std::string_view name);

struct PackedMatrix {
  Codec codec = Codec::kFloat;
  std::size_t rows = 0;
  std::size_t columns = 0;
  Tensor codes;     // rows x columns F32, F16 or I8; rows x ceil(columns / 2) U8, the low half first; rows x 8 U8
  Tensor scales;    // F32, rows or rows x groups; of int8 and int4 alone
  Tensor codebook;  // F32, centroids x columns; of pq alone
};

// Row-major, finite, rows * columns values. kInvalid: half and a value beyond 65504, pq and fewer than 8 columns.
// The centroids of pq repeat bit by bit for a seed.
Result<PackedMatrix> pack_matrix(std::span<const float> values, std::size_t rows, std::size_t columns, Codec codec,
                                 std::uint64_t seed = 42);

// kCorrupt: arrays that do not fit one another. Values are not checked to be finite: Tensors does that.
Result<std::vector<float>> unpack_matrix(const PackedMatrix& packed);

}  // namespace zhiyin
