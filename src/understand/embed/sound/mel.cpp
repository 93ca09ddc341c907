#include "understand/embed/sound/mel.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numbers>
#include <span>

#include "understand/media/spectrum.h"

namespace zhiyin {
namespace {

constexpr int kWindow = kAnalysisRate / 40;  // 25 ms
constexpr int kTransform = 1024;
constexpr double kLowestMel_hz = 40;
constexpr float kFloor = 1e-8F;  // 80 dB under the loudest band
constexpr double kNoise = 1e-5;  // above what rounding to 16 bits leaves in a bin, far under what is heard

double mel_of(double hz) { return 1127.0 * std::log1p(hz / 700.0); }
double hz_of(double mel) { return 700.0 * std::expm1(mel / 1127.0); }

std::vector<float> hann(int size) {
  std::vector<float> window(static_cast<std::size_t>(size));
  for (int i = 0; i < size; ++i) {
    window[i] = static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * (i + 0.5) / size));
  }
  return window;
}

// Triangles that overlap by half; each has its own first bin and weights that sum to 1.
struct MelBank {
  struct Band {
    int first = 0;
    std::vector<float> weights;
  };
  std::array<Band, kMelBands> bands;

  MelBank() {
    const double low = mel_of(kLowestMel_hz);
    const double step = (mel_of(kAnalysisRate / 2.0) - low) / (kMelBands + 1);
    const double hz_per_bin = static_cast<double>(kAnalysisRate) / kTransform;
    for (int b = 0; b < kMelBands; ++b) {
      const double left = hz_of(low + b * step);
      const double centre = hz_of(low + (b + 1) * step);
      const double right = hz_of(low + (b + 2) * step);
      auto& band = bands[b];
      double sum = 0;
      for (int k = 0; k <= kTransform / 2; ++k) {
        const double hz = k * hz_per_bin;
        const double weight = hz <= centre ? (hz - left) / (centre - left) : (right - hz) / (right - centre);
        if (weight <= 0) {
          if (band.weights.empty()) continue;
          break;
        }
        if (band.weights.empty()) band.first = k;
        band.weights.push_back(static_cast<float>(weight));
        sum += weight;
      }
      if (band.weights.empty()) {  // narrower than a bin: the nearest one
        band.first = static_cast<int>(std::lround(centre / hz_per_bin));
        band.weights.push_back(1);
        sum = 1;
      }
      for (auto& weight : band.weights) weight /= static_cast<float>(sum);
    }
  }
};

// Orthonormal DCT-II, first kMfcc rows.
struct Cosines {
  std::array<std::array<float, kMelBands>, kMfcc> rows;
  Cosines() {
    for (int k = 0; k < kMfcc; ++k) {
      for (int b = 0; b < kMelBands; ++b) {
        rows[k][b] = static_cast<float>(std::sqrt((k == 0 ? 1.0 : 2.0) / kMelBands) *
                                        std::cos(std::numbers::pi * k * (b + 0.5) / kMelBands));
      }
    }
  }
};

void describe_shape(std::span<const float> power, MelFrames& out) {
  const float hz_per_bin = static_cast<float>(kAnalysisRate) / kTransform;
  double sum = 0;
  double weighted = 0;
  double logs = 0;
  for (std::size_t k = 1; k < power.size(); ++k) {
    const double p = power[k] + kNoise;
    sum += p;
    weighted += p * static_cast<double>(k);
    logs += std::log(p);
  }
  const double centre = weighted / sum;
  double spread = 0;
  double below = 0;
  std::size_t roll_off = power.size() - 1;
  for (std::size_t k = 1; k < power.size(); ++k) {
    const double p = power[k] + kNoise;
    spread += p * (static_cast<double>(k) - centre) * (static_cast<double>(k) - centre);
    if (below < 0.85 * sum) roll_off = k;
    below += p;
  }
  const auto bins = static_cast<double>(power.size() - 1);
  out.centroid.push_back(static_cast<float>(centre) * hz_per_bin);
  out.spread.push_back(static_cast<float>(std::sqrt(spread / sum)) * hz_per_bin);
  out.roll_off.push_back(static_cast<float>(roll_off) * hz_per_bin);
  out.flatness.push_back(static_cast<float>(std::exp(logs / bins) / (sum / bins)));
}

}  // namespace

MelFrames mel_frames(const Sound& sound) {
  assert(sound.sample_rate == kAnalysisRate || sound.samples.empty());
  static const MelBank bank;
  static const Cosines cosines;
  static const auto window = hann(kWindow);
  const Spectrum spectrum(kTransform);

  MelFrames out;
  const auto samples = static_cast<std::ptrdiff_t>(sound.samples.size());
  const double hop = out.hop_s * kAnalysisRate;
  out.frames = samples <= kWindow ? 1 : 1 + static_cast<int>((static_cast<double>(samples) - kWindow) / hop);
  out.log_mel.resize(static_cast<std::size_t>(out.frames) * kMelBands);
  std::vector<float> frame(kWindow);
  std::vector<float> power(static_cast<std::size_t>(spectrum.bins()));
  float loudest = 1e-10F;
  for (int f = 0; f < out.frames; ++f) {
    const auto begin = static_cast<std::ptrdiff_t>(std::lround(f * hop));
    double energy = 0;
    int crossings = 0;
    float before = 0;
    for (int i = 0; i < kWindow; ++i) {
      const float sample = begin + i < samples ? sound.samples[begin + i] : 0.0F;
      energy += sample * sample;
      crossings += (sample >= 0) != (before >= 0) ? 1 : 0;
      before = sample;
      frame[i] = sample * window[i];
    }
    out.rms.push_back(static_cast<float>(std::sqrt(energy / kWindow)));
    out.crossings.push_back(static_cast<float>(crossings) / kWindow);
    spectrum.power(frame, power);
    describe_shape(power, out);
    for (int b = 0; b < kMelBands; ++b) {
      const auto& band = bank.bands[b];
      float sum = 0;
      for (std::size_t k = 0; k < band.weights.size(); ++k) sum += band.weights[k] * power[band.first + k];
      out.log_mel[static_cast<std::size_t>(f) * kMelBands + b] = sum;
      loudest = std::max(loudest, sum);
    }
  }

  for (auto& value : out.log_mel) value = std::log(std::max(value / loudest, kFloor));
  out.mfcc.resize(static_cast<std::size_t>(out.frames) * kMfcc);
  for (int f = 0; f < out.frames; ++f) {
    const auto* bands = &out.log_mel[static_cast<std::size_t>(f) * kMelBands];
    for (int k = 0; k < kMfcc; ++k) {
      float sum = 0;
      for (int b = 0; b < kMelBands; ++b) sum += cosines.rows[k][b] * bands[b];
      out.mfcc[static_cast<std::size_t>(f) * kMfcc + k] = sum;
    }
    float rise = 0;
    for (int b = 0; b < kMelBands && f > 0; ++b) rise += std::max(bands[b] - bands[b - kMelBands], 0.0F);
    out.flux.push_back(rise / kMelBands);
  }
  return out;
}

std::vector<float> chroma(const Sound& sound) {
  constexpr int kLong = 4096;
  constexpr double kLowest_hz = 65;
  constexpr double kHighest_hz = 2000;
  static const auto window = hann(kLong);
  const Spectrum spectrum(kLong);
  std::vector<float> frame(kLong);
  std::vector<float> power(static_cast<std::size_t>(spectrum.bins()));
  std::vector<float> classes(12, 0.0F);
  const auto samples = sound.samples.size();
  for (std::size_t begin = 0; begin == 0 || begin + kLong / 2 < samples; begin += kLong / 2) {
    for (std::size_t i = 0; i < kLong; ++i) {
      frame[i] = begin + i < samples ? sound.samples[begin + i] * window[i] : 0.0F;
    }
    spectrum.power(frame, power);
    for (int k = 1; k + 1 < spectrum.bins(); ++k) {
      const double hz = static_cast<double>(k) * kAnalysisRate / kLong;
      if (hz < kLowest_hz || hz > kHighest_hz || power[k] < power[k - 1] || power[k] < power[k + 1]) continue;
      // A peak's true place: the top of the parabola through the logs of three bins.
      const double left = std::log(power[k - 1] + 1e-12);
      const double top = std::log(power[k] + 1e-12);
      const double right = std::log(power[k + 1] + 1e-12);
      const double curve = left - 2 * top + right;
      const double shift = curve < 0 ? std::clamp(0.5 * (left - right) / curve, -0.5, 0.5) : 0;
      const double pitch = 69 + 12 * std::log2((k + shift) * kAnalysisRate / kLong / 440);
      classes[static_cast<std::size_t>(std::lround(pitch)) % 12] += std::sqrt(power[k]);
    }
  }
  float sum = 0;
  for (const float value : classes) sum += value;
  for (auto& value : classes) value = sum > 1e-6F ? value / sum : 0.0F;
  return classes;
}

}  // namespace zhiyin
