#include "understand/media/spectrum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "base/random.h"

namespace zhiyin {
namespace {

TEST(Spectrum, IsTheDiscreteFourierTransform) {
  constexpr int kSize = 64;
  Random random(3);
  std::vector<float> frame(kSize);
  for (auto& sample : frame) sample = random.normal();
  const Spectrum spectrum(kSize);
  std::vector<float> power(static_cast<std::size_t>(spectrum.bins()));
  spectrum.power(frame, power);
  for (int k = 0; k < spectrum.bins(); ++k) {
    double real = 0;
    double imaginary = 0;
    for (int t = 0; t < kSize; ++t) {
      real += frame[t] * std::cos(2 * std::numbers::pi * k * t / kSize);
      imaginary -= frame[t] * std::sin(2 * std::numbers::pi * k * t / kSize);
    }
    EXPECT_NEAR(power[k], real * real + imaginary * imaginary, 1e-2) << k;
  }
}

TEST(Spectrum, ContinuesAShortFrameWithZeros) {
  const Spectrum spectrum(16);
  std::vector<float> power(9);
  spectrum.power(std::vector<float>{2.0F}, power);
  for (const float value : power) EXPECT_NEAR(value, 4, 1e-5);
}

}  // namespace
}  // namespace zhiyin
