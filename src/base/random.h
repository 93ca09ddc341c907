// Random numbers that are the same on every machine: PCG32 (O'Neill 2014), and what is drawn with it.
// The standard library's distributions differ between implementations, so none is used where a result must repeat.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <utility>

namespace zhiyin {

// Not thread-safe: one per thread, seeded apart.
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0) : increment_((stream << 1U) | 1U) {
    next();
    state_ += seed;
    next();
  }

  std::uint32_t next() {
    const std::uint64_t old = state_;
    state_ = old * 6364136223846793005ULL + increment_;
    const auto shifted = static_cast<std::uint32_t>(((old >> 18U) ^ old) >> 27U);
    const auto rotation = static_cast<std::uint32_t>(old >> 59U);
    return (shifted >> rotation) | (shifted << ((-rotation) & 31U));
  }

  // Uniform in [0, bound), without bias (Lemire 2019). bound > 0.
  std::uint32_t below(std::uint32_t bound) {
    std::uint64_t product = std::uint64_t{next()} * bound;
    if (auto low = static_cast<std::uint32_t>(product); low < bound) {
      const std::uint32_t threshold = -bound % bound;
      while (low < threshold) {
        product = std::uint64_t{next()} * bound;
        low = static_cast<std::uint32_t>(product);
      }
    }
    return static_cast<std::uint32_t>(product >> 32U);
  }

  // Uniform in [0, 1), 24 bits.
  float uniform() { return static_cast<float>(next() >> 8U) * 0x1.0p-24F; }

  // Standard normal (Box and Muller 1958).
  float normal() {
    const double radius = std::sqrt(-2.0 * std::log((next() + 1.0) * 0x1.0p-32));
    return static_cast<float>(radius * std::cos(2.0 * std::numbers::pi * next() * 0x1.0p-32));
  }

  template <typename T>
  void shuffle(std::span<T> values) {
    for (std::size_t i = values.size(); i > 1; --i) {
      std::swap(values[i - 1], values[below(static_cast<std::uint32_t>(i))]);
    }
  }

 private:
  std::uint64_t state_ = 0;
  std::uint64_t increment_;
};

// A well-mixed 64-bit hash of one integer (the finaliser of SplitMix64): for seeds derived from ids.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

}  // namespace zhiyin
