#include "base/kernels/quantize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/half.h"
#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"
#include "base/random.h"

namespace zhiyin {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"float", "half", "int8", "int4", "pq"};
constexpr float kMostHalf = 65504;
constexpr std::size_t kGroup = 64;  // elements that share a scale of int4
constexpr std::size_t kParts = 8;
constexpr std::size_t kCentroids = 256;
constexpr std::size_t kSample = 65'536;  // rows that k-means looks at
constexpr int kRounds = 20;
constexpr std::size_t kTile = 4096;  // rows whose distances are held at once

float largest(std::span<const float> values) {
  float most = 0;
  for (const float value : values) most = std::max(most, std::abs(value));
  return most;
}

// The level of `value` among -most .. most, a step apart.
int level(float value, float step, int most) {
  return step > 0 ? std::clamp(static_cast<int>(std::lround(value / step)), -most, most) : 0;
}

Result<PackedMatrix> pack_half(std::span<const float> values, PackedMatrix packed) {
  if (const float most = largest(values); most > kMostHalf)
    return invalid(fmt::format("{:.4g} is beyond what half precision holds ({})", most, kMostHalf));
  auto halves = std::make_shared<std::vector<std::uint16_t>>(values.size());
  std::ranges::transform(values, halves->begin(), float_to_half);
  packed.codes = Tensor(DType::kF16, {packed.rows, packed.columns}, std::as_bytes(std::span(*halves)), halves);
  return packed;
}

PackedMatrix pack_int8(std::span<const float> values, PackedMatrix packed) {
  std::vector<std::int8_t> codes(values.size());
  std::vector<float> scales(packed.rows);
  for (std::size_t row = 0; row < packed.rows; ++row) {
    const auto from = values.subspan(row * packed.columns, packed.columns);
    scales[row] = largest(from) / 127;
    for (std::size_t c = 0; c < packed.columns; ++c)
      codes[row * packed.columns + c] = static_cast<std::int8_t>(level(from[c], scales[row], 127));
  }
  packed.codes = Tensor::adopt<std::int8_t>({packed.rows, packed.columns}, std::move(codes));
  packed.scales = Tensor::adopt<float>({packed.rows}, std::move(scales));
  return packed;
}

PackedMatrix pack_int4(std::span<const float> values, PackedMatrix packed) {
  const auto width = (packed.columns + 1) / 2;
  const auto groups = (packed.columns + kGroup - 1) / kGroup;
  std::vector<std::uint8_t> codes(packed.rows * width, 0);
  std::vector<float> scales(packed.rows * groups);
  for (std::size_t row = 0; row < packed.rows; ++row) {
    for (std::size_t group = 0; group < groups; ++group) {
      const auto first = group * kGroup;
      const auto from = values.subspan(row * packed.columns + first, std::min(kGroup, packed.columns - first));
      const float step = largest(from) / 7;
      scales[row * groups + group] = step;
      for (std::size_t k = 0; k < from.size(); ++k) {
        const auto c = first + k;
        codes[row * width + c / 2] |= static_cast<std::uint8_t>((level(from[k], step, 7) + 8) << (c % 2 == 0 ? 0 : 4));
      }
    }
  }
  packed.codes = Tensor::adopt<std::uint8_t>({packed.rows, width}, std::move(codes));
  packed.scales = Tensor::adopt<float>({packed.rows, groups}, std::move(scales));
  return packed;
}

// The number of the centroid nearest to each of the rows, and what is the sum of squared distances but for |x|^2.
double assign(std::span<const float> rows, std::size_t width, std::span<const float> centroids,
              std::vector<std::uint8_t>& nearest) {
  const auto count = rows.size() / width;
  const auto many = centroids.size() / width;
  std::vector<float> squares(many);
  for (std::size_t c = 0; c < many; ++c)
    squares[c] = dot(centroids.subspan(c * width, width), centroids.subspan(c * width, width));
  nearest.resize(count);
  std::vector<float> products(std::min(kTile, count) * many);
  double sum = 0;
  for (std::size_t begin = 0; begin < count; begin += kTile) {
    const auto tile = std::min(kTile, count - begin);
    gemm(Transpose::kNo, Transpose::kYes, tile, many, width, 1, rows.data() + begin * width, centroids.data(), 0,
         products.data());
    for (std::size_t r = 0; r < tile; ++r) {
      std::size_t best = 0;
      float least = std::numeric_limits<float>::infinity();
      for (std::size_t c = 0; c < many; ++c) {
        const float distance = squares[c] - 2 * products[r * many + c];
        if (distance < least) {
          least = distance;
          best = c;
        }
      }
      nearest[begin + r] = static_cast<std::uint8_t>(best);
      sum += least;
    }
  }
  return sum;
}

// Lloyd's k-means from rows drawn at random; a centroid that nobody is near stays where it is.
std::vector<float> centroids_of(std::span<const float> rows, std::size_t width, Random& random) {
  const auto count = rows.size() / width;
  std::vector<std::uint32_t> order(count);
  for (std::uint32_t k = 0; k < count; ++k) order[k] = k;
  random.shuffle<std::uint32_t>(order);
  order.resize(std::min(count, kSample));
  std::vector<float> sample;
  sample.reserve(order.size() * width);
  for (const auto row : order)
    sample.insert(sample.end(), rows.begin() + row * width, rows.begin() + (row + 1) * width);
  const auto many = std::min(kCentroids, count);
  std::vector<float> centroids(sample.begin(), sample.begin() + static_cast<std::ptrdiff_t>(many * width));
  if (count <= kCentroids) return centroids;  // each row its own
  std::vector<std::uint8_t> nearest;
  double before = std::numeric_limits<double>::infinity();
  for (int round = 0; round < kRounds; ++round) {
    const double now = assign(sample, width, centroids, nearest);
    if (!(now < before)) break;
    before = now;
    std::vector<double> sums(many * width, 0);
    std::vector<std::size_t> counts(many, 0);
    for (std::size_t r = 0; r < nearest.size(); ++r) {
      ++counts[nearest[r]];
      for (std::size_t d = 0; d < width; ++d) sums[nearest[r] * width + d] += sample[r * width + d];
    }
    for (std::size_t c = 0; c < many; ++c) {
      for (std::size_t d = 0; d < width && counts[c] > 0; ++d)
        centroids[c * width + d] = static_cast<float>(sums[c * width + d] / static_cast<double>(counts[c]));
    }
  }
  return centroids;
}

Result<PackedMatrix> pack_pq(std::span<const float> values, PackedMatrix packed, std::uint64_t seed) {
  const auto columns = packed.columns;
  if (columns < kParts)
    return invalid(fmt::format("{} columns are too few to be dealt into {} parts", columns, kParts));
  const auto many = std::min(kCentroids, packed.rows);
  std::vector<std::uint8_t> codes(packed.rows * kParts);
  std::vector<float> codebook(many * columns);
  for (std::size_t part = 0; part < kParts; ++part) {
    const auto width = (columns - part + kParts - 1) / kParts;
    std::vector<float> rows(packed.rows * width);
    for (std::size_t r = 0; r < packed.rows; ++r) {
      for (std::size_t d = 0; d < width; ++d) rows[r * width + d] = values[r * columns + part + d * kParts];
    }
    Random random(seed, part);
    const auto centroids = centroids_of(rows, width, random);
    std::vector<std::uint8_t> nearest;
    assign(rows, width, centroids, nearest);
    for (std::size_t r = 0; r < packed.rows; ++r) codes[r * kParts + part] = nearest[r];
    for (std::size_t c = 0; c < many; ++c) {
      for (std::size_t d = 0; d < width; ++d) codebook[c * columns + part + d * kParts] = centroids[c * width + d];
    }
  }
  packed.codes = Tensor::adopt<std::uint8_t>({packed.rows, kParts}, std::move(codes));
  packed.codebook = Tensor::adopt<float>({many, columns}, std::move(codebook));
  return packed;
}

// Whether `tensor` is of that kind and shape.
template <typename T>
bool fits(const Tensor& tensor, const std::vector<std::size_t>& shape) {
  return tensor.dtype() == dtype_of<T>() && tensor.shape() == shape &&
         tensor.bytes().size() / sizeof(T) == tensor.size();
}

}  // namespace

std::string_view codec_name(Codec codec) { return kNames[static_cast<std::size_t>(codec)]; }

std::optional<Codec> codec_named(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  return found == kNames.end() ? std::nullopt : std::optional(static_cast<Codec>(found - kNames.begin()));
}

Result<PackedMatrix> pack_matrix(std::span<const float> values, std::size_t rows, std::size_t columns, Codec codec,
                                 std::uint64_t seed) {
  PackedMatrix packed{.codec = codec, .rows = rows, .columns = columns, .codes = {}, .scales = {}, .codebook = {}};
  switch (codec) {
    case Codec::kFloat: packed.codes = Tensor::from<float>({rows, columns}, values); return packed;
    case Codec::kHalf: return pack_half(values, std::move(packed));
    case Codec::kInt8: return pack_int8(values, std::move(packed));
    case Codec::kInt4: return pack_int4(values, std::move(packed));
    case Codec::kPq: return pack_pq(values, std::move(packed), seed);
  }
  return internal("no such codec");
}

Result<std::vector<float>> unpack_matrix(const PackedMatrix& packed) {
  const auto rows = packed.rows;
  const auto columns = packed.columns;
  const auto bad = [&] {
    return corrupt(
        fmt::format("the arrays do not hold {} x {} numbers as {}", rows, columns, codec_name(packed.codec)));
  };
  if (packed.codec == Codec::kFloat) {
    if (!fits<float>(packed.codes, {rows, columns})) return bad();
    const auto values = packed.codes.as<float>();
    return std::vector<float>(values.begin(), values.end());
  }
  if (packed.codec == Codec::kHalf) {
    if (packed.codes.dtype() != DType::kF16 || packed.codes.shape() != std::vector{rows, columns}) return bad();
    std::vector<float> values(rows * columns);
    for (std::size_t k = 0; k < values.size(); ++k) {
      std::uint16_t half;
      std::memcpy(&half, packed.codes.bytes().data() + 2 * k, sizeof half);
      values[k] = half_to_float(half);
    }
    return values;
  }
  if (packed.codec == Codec::kInt8) {
    if (!fits<std::int8_t>(packed.codes, {rows, columns}) || !fits<float>(packed.scales, {rows})) return bad();
    std::vector<float> values(rows * columns);
    for (std::size_t k = 0; k < values.size(); ++k)
      values[k] = static_cast<float>(packed.codes.as<std::int8_t>()[k]) * packed.scales.as<float>()[k / columns];
    return values;
  }
  if (packed.codec == Codec::kInt4) {
    const auto width = (columns + 1) / 2;
    const auto groups = (columns + kGroup - 1) / kGroup;
    if (!fits<std::uint8_t>(packed.codes, {rows, width}) || !fits<float>(packed.scales, {rows, groups})) return bad();
    std::vector<float> values(rows * columns);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < columns; ++c) {
        const int code = packed.codes.as<std::uint8_t>()[r * width + c / 2] >> (c % 2 == 0 ? 0 : 4) & 15;
        values[r * columns + c] = static_cast<float>(code - 8) * packed.scales.as<float>()[r * groups + c / kGroup];
      }
    }
    return values;
  }
  const auto many = packed.codebook.shape().empty() ? 0 : packed.codebook.shape()[0];
  if (!fits<std::uint8_t>(packed.codes, {rows, kParts}) || !fits<float>(packed.codebook, {many, columns})) return bad();
  const auto codes = packed.codes.as<std::uint8_t>();
  if (std::ranges::any_of(codes, [many](std::uint8_t code) { return code >= many; })) return bad();
  std::vector<float> values(rows * columns);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c)
      values[r * columns + c] = packed.codebook.as<float>()[codes[r * kParts + c % kParts] * columns + c];
  }
  return values;
}

}  // namespace zhiyin
