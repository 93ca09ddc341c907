// Log-mel spectra against the definition, written out: mirror, window, sum of products, triangles, logarithm.
#include "understand/embed/sound/log_mel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

namespace zhiyin {
namespace {

std::vector<float> formula_sound(std::size_t samples, int rate) {
  std::vector<float> sound(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    const double t = static_cast<double>(i) / rate;
    sound[i] = static_cast<float>(0.4 * std::sin(2 * std::numbers::pi * (300 + 900 * t) * t) +
                                  0.1 * std::sin(2 * std::numbers::pi * 3700 * t) * std::cos(9 * t));
  }
  return sound;
}

double mel(double hz, bool slaney) {
  if (!slaney) return 2595 * std::log10(1 + hz / 700);
  return hz < 1000 ? 3 * hz / 200 : 15 + 27 * std::log(hz / 1000) / std::log(6.4);
}

double hz(double m, bool slaney) {
  if (!slaney) return 700 * (std::pow(10, m / 2595) - 1);
  return m < 15 ? 200 * m / 3 : 1000 * std::pow(6.4, (m - 15) / 27);
}

// Power of band `band` in frame `frame`.
double band_power(const std::vector<float>& sound, const SoundDescription& d, int frame, int band) {
  const bool slaney = d.scale == MelScale::kSlaney;
  const double low = mel(d.low_hz, slaney);
  const double high = mel(d.high_hz, slaney);
  const auto edge = [&](int i) { return hz(low + (high - low) * i / (d.bands + 1), slaney); };
  double sum = 0;
  for (int k = 0; k <= d.transform / 2; ++k) {
    const double f = static_cast<double>(k) * d.rate / d.transform;
    double weight = std::max(0.0, std::min((f - edge(band)) / (edge(band + 1) - edge(band)),
                                           (edge(band + 2) - f) / (edge(band + 2) - edge(band + 1))));
    if (d.equal_area) weight *= 2 / (edge(band + 2) - edge(band));
    if (weight == 0) continue;
    std::complex<double> z = 0;
    for (int t = 0; t < d.transform; ++t) {
      int at = frame * d.hop - d.transform / 2 + t;
      if (at < 0) at = -at;
      if (at >= static_cast<int>(sound.size())) at = 2 * (static_cast<int>(sound.size()) - 1) - at;
      const double window = 0.5 * (1 - std::cos(2 * std::numbers::pi * t / d.transform));
      z += window * sound[static_cast<std::size_t>(at)] * std::polar(1.0, -2 * std::numbers::pi * k * t / d.transform);
    }
    sum += weight * std::norm(z);
  }
  return sum;
}

TEST(LogMel, WhispersIsTheDefinition) {
  SoundDescription d;  // 400 samples, hop 160, 80 bands
  d.high_hz = 8000;
  const auto sound = formula_sound(16000, d.rate);
  const LogMel log_mel(d);
  ASSERT_EQ(log_mel.frames(16000), 100U);
  ASSERT_EQ(log_mel.frames(480000), 3000U);
  const auto values = log_mel(sound);
  ASSERT_EQ(values.size(), 80U * 100U);
  double loudest = 0;
  std::vector<double> wanted(values.size());
  for (int f = 0; f < 100; f += 9) {
    for (int b = 0; b < 80; ++b)
      wanted[static_cast<std::size_t>(b * 100 + f)] = std::log10(std::max(band_power(sound, d, f, b), 1e-10));
  }
  // The loudest is over all frames: taken from the values themselves, where it stands at (max + 4) / 4.
  loudest = 4 * *std::max_element(values.begin(), values.end()) - 4;
  for (int f = 0; f < 100; f += 9) {
    for (int b = 0; b < 80; ++b) {
      const auto at = static_cast<std::size_t>(b * 100 + f);
      ASSERT_NEAR(values[at], (std::max(wanted[at], loudest - 8) + 4) / 4, 2e-3) << "band " << b << ", frame " << f;
    }
  }
}

TEST(LogMel, ClapsIsTheDefinition) {
  SoundDescription d{.rate = 48000,
                     .transform = 1024,
                     .hop = 480,
                     .bands = 64,
                     .low_hz = 50,
                     .high_hz = 14000,
                     .scale = MelScale::kHtk,
                     .equal_area = false,
                     .drop_last = false,
                     .log = MelLog::kDecibel,
                     .mean = -20,
                     .deviation = 10,
                     .bands_first = false};
  const auto sound = formula_sound(9600, d.rate);
  const LogMel log_mel(d);
  ASSERT_EQ(log_mel.frames(9600), 21U);
  const auto values = log_mel(sound);
  for (int f = 0; f < 21; f += 5) {
    for (int b = 0; b < 64; b += 3) {
      const double wanted = (10 * std::log10(std::max(band_power(sound, d, f, b), 1e-10)) + 20) / 10;
      // Far under the loudest band, single precision leaves a floor of rounding.
      if (wanted < -3) continue;
      ASSERT_NEAR(values[static_cast<std::size_t>(f * 64 + b)], wanted, 5e-3) << "band " << b << ", frame " << f;
    }
  }
}

// Made once with the feature extractor of @xenova/transformers 2.17 from the same formula, continued with silence to 30
// s.
TEST(LogMel, WhispersIsWhatTheReferenceMakes) {
  SoundDescription d;
  d.high_hz = 8000;
  auto sound = formula_sound(48000, d.rate);
  sound.resize(480000, 0.0F);
  const auto values = LogMel(d)(sound);
  struct Golden {
    std::size_t band, frame;
    float value;
  };
  constexpr Golden kGolden[] = {{0, 0, 1.02283335F},     {5, 10, -0.31211591F},   {20, 100, -0.59912932F},
                                {40, 150, -0.59912932F}, {60, 250, 0.95796561F},  {79, 299, -0.10570514F},
                                {10, 299, -0.45664549F}, {10, 302, -0.59912932F}, {30, 1500, -0.59912932F},
                                {3, 1, 0.51255953F}};
  for (const auto& golden : kGolden)
    EXPECT_NEAR(values[golden.band * 3000 + golden.frame], golden.value, 2e-3) << golden.band << ", " << golden.frame;
}

TEST(LogMel, SilenceIsTheFloor) {
  SoundDescription d;
  d.high_hz = 8000;
  for (const float value : LogMel(d)(std::vector<float>(3200, 0.0F))) EXPECT_FLOAT_EQ(value, -1.5F);  // (-10 + 4) / 4
  EXPECT_TRUE(LogMel(d)({}).empty());
}

}  // namespace
}  // namespace zhiyin
