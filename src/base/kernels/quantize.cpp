#include "base/kernels/quantize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/half.h"
#include "base/kernels/product_codes.h"

namespace zhiyin {
namespace {

constexpr std::array<std::string_view, kCodecs.size()> kNames = {"float", "half",  "int8", "int4",
                                                                 "pq",    "pq8+8", "pq16", "pq32"};
constexpr float kMostHalf = 65504;
constexpr std::size_t kGroup = 64;  // elements that share a scale of int4

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

// Nothing where the codec is none of these.
std::optional<ProductForm> form_of(Codec codec) {
  switch (codec) {
    case Codec::kPq: return ProductForm{.parts = 8};
    case Codec::kPqTwice: return ProductForm{.parts = 8, .stages = 2};
    case Codec::kPq16: return ProductForm{.parts = 16};
    case Codec::kPq32: return ProductForm{.parts = 32};
    default: return std::nullopt;
  }
}

Result<PackedMatrix> pack_pq(std::span<const float> values, PackedMatrix packed, ProductForm form, std::uint64_t seed) {
  if (packed.columns < form.parts)
    return invalid(fmt::format("{} columns are too few to be dealt into {} parts", packed.columns, form.parts));
  auto product = product_codes(values, packed.columns, form, seed);
  packed.codes = Tensor::adopt<std::uint8_t>({packed.rows, form.stages * form.parts}, std::move(product.codes));
  const auto centroids = product.codebook.size() / packed.columns;
  packed.codebook = Tensor::adopt<float>({centroids, packed.columns}, std::move(product.codebook));
  return packed;
}

PackedMatrix pack_triples(std::span<const float> values, PackedMatrix packed, std::uint64_t seed) {
  auto coded = triple_codes(values, packed.columns, seed);
  const auto wide = coded.codes.size() / packed.rows;
  const auto many = coded.table.size() / kTriple;
  packed.codes = Tensor::adopt<std::uint8_t>({packed.rows, wide}, std::move(coded.codes));
  packed.scales = Tensor::adopt<float>({packed.rows + packed.columns}, std::move(coded.scales));
  packed.codebook = Tensor::adopt<float>({many, kTriple}, std::move(coded.table));
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
    case Codec::kPq:
      if (rows > 0 && columns >= kFewestTripled) return pack_triples(values, std::move(packed), seed);
      [[fallthrough]];
    case Codec::kPqTwice:
    case Codec::kPq16:
    case Codec::kPq32: return pack_pq(values, std::move(packed), *form_of(codec), seed);
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
  if (packed.codec == Codec::kPq && !packed.scales.bytes().empty()) {
    const auto shape = packed.codebook.shape();
    const std::vector<std::size_t> wide{rows, (columns + kTriple - 1) / kTriple};
    if (shape.empty() || !fits<std::uint8_t>(packed.codes, wide) || !fits<float>(packed.scales, {rows + columns}) ||
        !fits<float>(packed.codebook, {shape[0], kTriple}))
      return bad();
    const auto codes = packed.codes.as<std::uint8_t>();
    if (std::ranges::any_of(codes, [&](std::uint8_t code) { return code >= shape[0]; })) return bad();
    return triple_rows(codes, packed.scales.as<float>(), packed.codebook.as<float>(), columns);
  }
  const auto form = *form_of(packed.codec);
  const auto many = packed.codebook.shape().empty() ? 0 : packed.codebook.shape()[0] / form.stages;
  if (!fits<std::uint8_t>(packed.codes, {rows, form.stages * form.parts}) ||
      !fits<float>(packed.codebook, {form.stages * many, columns}))
    return bad();
  const auto codes = packed.codes.as<std::uint8_t>();
  if (std::ranges::any_of(codes, [many](std::uint8_t code) { return code >= many; })) return bad();
  return product_rows(codes, packed.codebook.as<float>(), columns, form);
}

}  // namespace zhiyin
