#include "understand/media/loudness.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace zhiyin {
namespace {

constexpr double kGate_lufs = -70;
constexpr std::size_t kBlock = 4;   // steps: 400 ms
constexpr std::size_t kShort = 30;  // steps: 3 s

double lufs(double power) { return -0.691 + 10 * std::log10(std::max(power, 1e-12)); }
double power_of(double loudness) { return std::pow(10, (loudness + 0.691) / 10); }

// Mean power of every run of `length` steps that reaches the absolute gate.
std::vector<double> blocks_of(std::span<const double> steps, std::size_t length) {
  std::vector<double> blocks;
  for (std::size_t i = 0; i + length <= steps.size(); ++i) {
    double sum = 0;
    for (std::size_t k = i; k < i + length; ++k) sum += steps[k];
    const double power = sum / static_cast<double>(length);
    if (lufs(power) >= kGate_lufs) blocks.push_back(power);
  }
  return blocks;
}

double mean(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// Those that reach the mean less so many LU: the relative gate.
std::vector<double> gated(const std::vector<double>& blocks, double below_lu) {
  const double least = power_of(lufs(mean(blocks)) - below_lu);
  std::vector<double> kept;
  std::ranges::copy_if(blocks, std::back_inserter(kept), [&](double power) { return power >= least; });
  return kept;
}

double range_lu(std::span<const double> steps) {
  const auto blocks = blocks_of(steps, kShort);
  if (blocks.empty()) return 0;
  auto kept = gated(blocks, 20);
  std::ranges::sort(kept);
  const auto at = [&](double share) {
    return lufs(kept[static_cast<std::size_t>(std::lround(share * static_cast<double>(kept.size() - 1)))]);
  };
  return at(0.95) - at(0.10);
}

}  // namespace

// BS.1770 gives the coefficients at 48 kHz; these are the analogue filters they stand for, brought to any rate by the
// bilinear transform, so that 48 kHz gives the standard's own numbers.
void LoudnessMeter::begin(int sample_rate, std::span<const double> gains) {
  assert(sample_rate > 0);
  const double rate = sample_rate;
  {
    const double k = std::tan(std::numbers::pi * 1681.974450955533 / rate);
    const double q = 0.7071752369554196;
    const double high = std::pow(10, 3.999843853973347 / 20);
    const double band = std::pow(high, 0.4996667741545416);
    const double a0 = 1 + k / q + k * k;
    sections_[0] = {(high + band * k / q + k * k) / a0, 2 * (k * k - high) / a0, (high - band * k / q + k * k) / a0,
                    2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0};
  }
  {
    const double k = std::tan(std::numbers::pi * 38.13547087602444 / rate);
    const double q = 0.5003270373238773;
    const double a0 = 1 + k / q + k * k;
    sections_[1] = {1, -2, 1, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0};
  }
  channels_.clear();
  for (const double gain : gains) channels_.push_back({.gain = gain});
  step_ = std::max<std::size_t>(static_cast<std::size_t>(std::lround(rate / 10)), 1);
  seen_ = 0;
  energy_ = 0;
}

void LoudnessMeter::add(std::span<const float* const> channels, std::size_t count) {
  assert(channels.size() == channels_.size() && step_ > 0);
  for (std::size_t done = 0; done < count;) {
    const auto now = std::min(count - done, step_ - seen_);
    for (std::size_t c = 0; c < channels.size(); ++c) {
      const double gain = channels_[c].gain;
      if (gain == 0) continue;
      const auto [first, second] = sections_;
      auto [m0, m1, m2, m3] = channels_[c].memory;
      double sum = 0;
      for (std::size_t i = done; i < done + now; ++i) {
        const double x = std::isfinite(channels[c][i]) ? channels[c][i] : 0;
        const double y = first.b0 * x + m0;
        m0 = first.b1 * x - first.a1 * y + m1;
        m1 = first.b2 * x - first.a2 * y;
        const double z = second.b0 * y + m2;
        m2 = second.b1 * y - second.a1 * z + m3;
        m3 = second.b2 * y - second.a2 * z;
        sum += z * z;
      }
      channels_[c].memory = {m0, m1, m2, m3};
      energy_ += gain * sum;
    }
    done += now;
    seen_ += now;
    if (seen_ == step_) close_step();
  }
}

void LoudnessMeter::close_step() {
  steps_.push_back(energy_ / static_cast<double>(step_));
  seen_ = 0;
  energy_ = 0;
}

std::optional<Loudness> LoudnessMeter::measured() const {
  const auto blocks = blocks_of(steps_, kBlock);
  if (blocks.empty()) return std::nullopt;
  return Loudness{.integrated_lufs = lufs(mean(gated(blocks, 10))), .range_lu = range_lu(steps_)};
}

}  // namespace zhiyin
