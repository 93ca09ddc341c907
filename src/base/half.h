// IEEE 754 half precision: 11 significant bits, up to 65504. For storage; sums are made in float.
#pragma once

#include <bit>
#include <cstdint>

namespace zhiyin {

// Exact: every half is a float. Infinities and NaNs stay what they are.
constexpr float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16U;
  const std::uint32_t exponent = (half >> 10U) & 0x1fU;
  const std::uint32_t fraction = half & 0x3ffU;
  if (exponent == 0) {  // zero, or a number below 2^-14: fraction times 2^-24
    const float value = static_cast<float>(fraction) * 0x1.0p-24F;
    return sign != 0 ? -value : value;
  }
  const std::uint32_t widened = exponent == 31 ? 255U : exponent + 112;
  return std::bit_cast<float>(sign | (widened << 23U) | (fraction << 13U));
}

// To the nearest half, ties to even. Too large becomes infinity, too small zero.
constexpr std::uint16_t float_to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16U) & 0x8000U);
  const std::uint32_t magnitude = bits & 0x7fffffffU;
  if (magnitude > 0x7f800000U) return sign | 0x7e00U;   // NaN
  if (magnitude >= 0x477ff000U) return sign | 0x7c00U;  // rounds to 65536 or more
  if (magnitude < 0x38800000U) {                        // below 2^-14: count in units of 2^-24
    const float units = std::bit_cast<float>(magnitude) * 0x1.0p24F;
    auto whole = static_cast<std::uint32_t>(units);
    const float rest = units - static_cast<float>(whole);
    if (rest > 0.5F || (rest == 0.5F && (whole & 1U) != 0)) ++whole;
    return static_cast<std::uint16_t>(sign | whole);
  }
  const std::uint32_t rounded = magnitude + 0xfffU + ((magnitude >> 13U) & 1U);
  return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000U) >> 13U));
}

}  // namespace zhiyin
