#include "understand/embed/vision/perceptual_hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <numbers>

#include "understand/embed/vision/resize.h"

namespace zhiyin {
namespace {

constexpr int kSide = 32;
constexpr int kLow = 8;               // frequencies 1..kLow of each axis
constexpr float kLeastDeviation = 4;  // of 255, of the coarse luma: below this a picture is one colour

using Coarse = std::array<float, kSide * kSide>;
using Basis = std::array<float, kLow * kSide>;  // row u: cos((2 x + 1)(u + 1) pi / 64)

const Basis& basis() {
  static const Basis table = [] {
    Basis values{};
    for (int u = 0; u < kLow; ++u) {
      for (int x = 0; x < kSide; ++x) {
        values[static_cast<std::size_t>(u * kSide + x)] =
            std::cos(static_cast<float>((2 * x + 1) * (u + 1)) * std::numbers::pi_v<float> / (2 * kSide));
      }
    }
    return values;
  }();
  return table;
}

Coarse coarse_luma(const Frame& frame) {
  const auto small = resized(frame, kSide, kSide);
  Coarse luma{};
  for (std::size_t p = 0; p < luma.size(); ++p) {
    luma[p] = 0.299F * static_cast<float>(small.rgb[3 * p]) + 0.587F * static_cast<float>(small.rgb[3 * p + 1]) +
              0.114F * static_cast<float>(small.rgb[3 * p + 2]);
  }
  return luma;
}

float deviation(const Coarse& values) {
  double sum = 0;
  double squares = 0;
  for (const float value : values) {
    sum += value;
    squares += double{value} * value;
  }
  const double mean = sum / values.size();
  return static_cast<float>(std::sqrt(std::max(squares / values.size() - mean * mean, 0.0)));
}

}  // namespace

std::optional<std::uint64_t> perceptual_hash(const Frame& frame) {
  const auto luma = coarse_luma(frame);
  if (deviation(luma) < kLeastDeviation) return std::nullopt;
  std::array<float, kLow * kSide> rows{};  // transformed along x: [y][u]
  for (int y = 0; y < kSide; ++y) {
    for (int u = 0; u < kLow; ++u) {
      float sum = 0;
      for (int x = 0; x < kSide; ++x) {
        sum += luma[static_cast<std::size_t>(y * kSide + x)] * basis()[static_cast<std::size_t>(u * kSide + x)];
      }
      rows[static_cast<std::size_t>(y * kLow + u)] = sum;
    }
  }
  std::array<float, kLow * kLow> low{};
  for (int v = 0; v < kLow; ++v) {
    for (int u = 0; u < kLow; ++u) {
      float sum = 0;
      for (int y = 0; y < kSide; ++y) {
        sum += rows[static_cast<std::size_t>(y * kLow + u)] * basis()[static_cast<std::size_t>(v * kSide + y)];
      }
      low[static_cast<std::size_t>(v * kLow + u)] = sum;
    }
  }
  auto sorted = low;
  std::ranges::nth_element(sorted, sorted.begin() + sorted.size() / 2);
  const float median = sorted[sorted.size() / 2];
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < low.size(); ++i) hash |= std::uint64_t{low[i] > median} << i;
  return hash;
}

std::string hash_text(std::uint64_t hash) { return fmt::format("{:016x}", hash); }

std::optional<std::uint64_t> hash_from_text(std::string_view text) {
  std::uint64_t hash = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hash, 16);
  if (text.size() != 16 || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return hash;
}

int hash_distance(std::uint64_t a, std::uint64_t b) { return std::popcount(a ^ b); }

double shared_pictures(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (a.empty()) return 0;
  const auto shared = std::ranges::count_if(a, [&](std::uint64_t one) {
    return std::ranges::any_of(b, [&](std::uint64_t other) { return hash_distance(one, other) <= kSamePicture; });
  });
  return static_cast<double>(shared) / static_cast<double>(a.size());
}

Result<void> PerceptualHash::perceive(const Decoded& decoded, Perception& found) const {
  auto hashes = Json::array();
  for (const auto& frame : decoded.frames) {
    if (const auto hash = perceptual_hash(frame)) hashes.push(hash_text(*hash));
  }
  if (!hashes.elements().empty()) found.facts.set(std::string(kFact), std::move(hashes));
  return {};
}

std::vector<std::uint64_t> stored_hashes(const Perception& perception) {
  std::vector<std::uint64_t> hashes;
  for (const auto& text : perception.facts[PerceptualHash::kFact].elements()) {
    if (const auto hash = hash_from_text(text.as_string())) hashes.push_back(*hash);
  }
  return hashes;
}

}  // namespace zhiyin
