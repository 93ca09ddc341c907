#include "understand/embed/sound/log_mel.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/kernels/linalg.h"

namespace zhiyin {
namespace {

constexpr float kLeast = 1e-10F;             // power under which everything is silence
constexpr std::size_t kFramesAtATime = 256;  // bounds the memory

// Slaney (1998, Auditory Toolbox): even up to 1000 Hz, logarithmic from there. HTK: O'Shaughnessy 1987.
constexpr double kBend_hz = 1000;
constexpr double kHzPerMel = 200.0 / 3;
const double kLogStep = std::log(6.4) / 27;

double mel_of(double hz, MelScale scale) {
  if (scale == MelScale::kHtk) return 2595 * std::log10(1 + hz / 700);
  return hz < kBend_hz ? hz / kHzPerMel : kBend_hz / kHzPerMel + std::log(hz / kBend_hz) / kLogStep;
}

double hz_of(double mel, MelScale scale) {
  if (scale == MelScale::kHtk) return 700 * (std::pow(10, mel / 2595) - 1);
  const double bend = kBend_hz / kHzPerMel;
  return mel < bend ? mel * kHzPerMel : kBend_hz * std::exp((mel - bend) * kLogStep);
}

// The sample before the first is the second, and so on: the sound mirrored at its ends.
float mirrored(std::span<const float> samples, std::ptrdiff_t at) {
  const auto size = static_cast<std::ptrdiff_t>(samples.size());
  if (size == 1) return samples[0];
  const auto period = 2 * (size - 1);
  at = (at % period + period) % period;
  return samples[static_cast<std::size_t>(std::min(at, period - at))];
}

}  // namespace

LogMel::LogMel(const SoundDescription& description)
    : description_(description), bins_(static_cast<std::size_t>(description.transform) / 2 + 1) {
  const auto size = static_cast<std::size_t>(description.transform);
  waves_.resize(size * 2 * bins_);
  for (std::size_t t = 0; t < size; ++t) {
    const double window =
        0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(t) / static_cast<double>(size));
    for (std::size_t k = 0; k < bins_; ++k) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(t * k % size) / static_cast<double>(size);
      waves_[t * 2 * bins_ + k] = static_cast<float>(window * std::cos(angle));
      waves_[t * 2 * bins_ + bins_ + k] = static_cast<float>(window * std::sin(angle));
    }
  }

  const auto bands = static_cast<std::size_t>(description.bands);
  const double low = mel_of(description.low_hz, description.scale);
  const double step = (mel_of(description.high_hz, description.scale) - low) / static_cast<double>(bands + 1);
  triangles_.resize(bins_ * bands);
  for (std::size_t b = 0; b < bands; ++b) {
    const double left = hz_of(low + static_cast<double>(b) * step, description.scale);
    const double centre = hz_of(low + static_cast<double>(b + 1) * step, description.scale);
    const double right = hz_of(low + static_cast<double>(b + 2) * step, description.scale);
    const double height = description.equal_area ? 2 / (right - left) : 1;
    for (std::size_t k = 0; k < bins_; ++k) {
      const double hz = static_cast<double>(k) * description.rate / static_cast<double>(size);
      const double slope = std::min((hz - left) / (centre - left), (right - hz) / (right - centre));
      triangles_[k * bands + b] = static_cast<float>(height * std::max(slope, 0.0));
    }
  }
}

std::size_t LogMel::frames(std::size_t samples) const {
  if (samples == 0) return 0;
  return samples / static_cast<std::size_t>(description_.hop) + (description_.drop_last ? 0 : 1);
}

std::vector<float> LogMel::band_powers(std::span<const float> samples) const {
  const auto size = static_cast<std::size_t>(description_.transform);
  const auto bands = static_cast<std::size_t>(description_.bands);
  const auto count = frames(samples.size());
  std::vector<float> powers(count * bands);
  std::vector<float> windows;
  std::vector<float> spectra;
  for (std::size_t first = 0; first < count; first += kFramesAtATime) {
    const auto rows = std::min(kFramesAtATime, count - first);
    windows.resize(rows * size);
    for (std::size_t r = 0; r < rows; ++r) {
      const auto begin = static_cast<std::ptrdiff_t>((first + r) * static_cast<std::size_t>(description_.hop)) -
                         static_cast<std::ptrdiff_t>(size / 2);
      for (std::size_t t = 0; t < size; ++t)
        windows[r * size + t] = mirrored(samples, begin + static_cast<std::ptrdiff_t>(t));
    }
    spectra.resize(rows * 2 * bins_);
    gemm(Transpose::kNo, Transpose::kNo, rows, 2 * bins_, size, 1, windows.data(), waves_.data(), 0, spectra.data());
    for (std::size_t r = 0; r < rows; ++r) {  // the power takes the place of the cosine part
      float* cosines = &spectra[r * 2 * bins_];
      for (std::size_t k = 0; k < bins_; ++k)
        cosines[k] = cosines[k] * cosines[k] + cosines[bins_ + k] * cosines[bins_ + k];
      std::copy_n(cosines, bins_, &spectra[r * bins_]);
    }
    gemm(Transpose::kNo, Transpose::kNo, rows, bands, bins_, 1, spectra.data(), triangles_.data(), 0,
         &powers[first * bands]);
  }
  return powers;
}

std::vector<float> LogMel::operator()(std::span<const float> samples) const {
  auto values = band_powers(samples);
  if (values.empty()) return values;
  for (auto& value : values) {
    value = std::max(value, kLeast);
    value = description_.log == MelLog::kNatural   ? std::log(value)
            : description_.log == MelLog::kDecibel ? 10 * std::log10(value)
                                                   : std::log10(value);
  }
  if (description_.log == MelLog::kWhisper) {
    const float least = *std::ranges::max_element(values) - 8;
    for (auto& value : values) value = (std::max(value, least) + 4) / 4;
  }
  for (auto& value : values) value = (value - description_.mean) / description_.deviation;
  if (!description_.bands_first) return values;
  const auto bands = static_cast<std::size_t>(description_.bands);
  const auto count = values.size() / bands;
  std::vector<float> turned(values.size());
  for (std::size_t f = 0; f < count; ++f) {
    for (std::size_t b = 0; b < bands; ++b) turned[b * count + f] = values[f * bands + b];
  }
  return turned;
}

}  // namespace zhiyin
