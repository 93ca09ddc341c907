#include "base/kernels/compact.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "base/half.h"

namespace zhiyin {
namespace {

constexpr char kHalfMark = 'h';
constexpr char kInt8Mark = 'i';
constexpr char kInt8Padded = 'j';  // the same and one byte more, so that the length is odd
constexpr float kTopLevel = 127;
constexpr std::size_t kInt8Header = 1 + sizeof(float);

std::string pack_half(std::span<const float> values) {
  std::string bytes(1, kHalfMark);
  for (const float value : values) {
    const auto half = float_to_half(value);
    bytes.append(reinterpret_cast<const char*>(&half), sizeof half);
  }
  return bytes;
}

std::string pack_int8(std::span<const float> values) {
  float most = 0;
  for (const float value : values) most = std::max(most, std::abs(value));
  const float scale = most / kTopLevel;
  const bool padded = (kInt8Header + values.size()) % 2 == 0;
  std::string bytes(1, padded ? kInt8Padded : kInt8Mark);
  bytes.append(reinterpret_cast<const char*>(&scale), sizeof scale);
  for (const float value : values) {
    bytes += static_cast<char>(scale > 0 ? static_cast<std::int8_t>(std::lround(value / scale)) : 0);
  }
  if (padded) bytes += '\0';
  return bytes;
}

std::vector<float> unpack_half(std::string_view bytes) {
  std::vector<float> values(bytes.size() / 2);
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, bytes.data() + 1 + 2 * i, sizeof half);
    values[i] = half_to_float(half);
  }
  return values;
}

std::vector<float> unpack_int8(std::string_view bytes) {
  float scale = 0;
  std::memcpy(&scale, bytes.data() + 1, sizeof scale);
  std::vector<float> values;
  for (const char level : bytes.substr(kInt8Header))
    values.push_back(scale * static_cast<float>(static_cast<std::int8_t>(level)));
  return values;
}

}  // namespace

VectorPrecision kept_precision(std::span<const float> values, VectorPrecision wanted) {
  constexpr float kLargestHalf = 65504;
  constexpr float kLeastExactHalf = 0x1.0p-14F;  // below it a half has fewer than 11 bits
  constexpr double kUnitTolerance = 1e-2;        // of the squared length
  if (wanted == VectorPrecision::kFloat) return wanted;
  float most = 0;
  double squares = 0;
  bool finite = true;
  for (const float value : values) {
    most = std::max(most, std::abs(value));
    squares += double{value} * value;
    finite = finite && std::isfinite(value);
  }
  if (!finite) return VectorPrecision::kFloat;
  if (wanted == VectorPrecision::kInt8 && std::abs(squares - 1) <= kUnitTolerance) return wanted;
  const bool fits = most == 0 || (most >= kLeastExactHalf && most <= kLargestHalf);
  return fits ? VectorPrecision::kHalf : VectorPrecision::kFloat;
}

std::string pack_vector(std::span<const float> values, VectorPrecision precision) {
  switch (precision) {
    case VectorPrecision::kHalf: return pack_half(values);
    case VectorPrecision::kInt8: return pack_int8(values);
    case VectorPrecision::kFloat: break;
  }
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

Result<std::vector<float>> unpack_vector(std::string_view bytes) {
  if (bytes.size() % sizeof(float) == 0) {
    std::vector<float> values(bytes.size() / sizeof(float));
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }
  const bool odd = bytes.size() % 2 == 1;
  if (odd && bytes[0] == kHalfMark) return unpack_half(bytes);
  if (odd && bytes.size() >= kInt8Header && bytes[0] == kInt8Mark) return unpack_int8(bytes);
  if (odd && bytes.size() > kInt8Header && bytes[0] == kInt8Padded)
    return unpack_int8(bytes.substr(0, bytes.size() - 1));
  return corrupt(fmt::format("{} bytes are not a vector", bytes.size()));
}

}  // namespace zhiyin
