#include "understand/embed/sound/rhythm.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace zhiyin {

Rhythm rhythm_of(std::span<const float> flux, double hop_s) {
  Rhythm rhythm;
  const auto frames = static_cast<std::ptrdiff_t>(flux.size());
  if (frames < 4) return rhythm;

  // Onset strength: what rises above the mean of the 0.2 s around.
  const auto reach = static_cast<std::ptrdiff_t>(std::lround(0.1 / hop_s));
  std::vector<double> sums(static_cast<std::size_t>(frames) + 1, 0.0);
  for (std::ptrdiff_t i = 0; i < frames; ++i) sums[i + 1] = sums[i] + flux[i];
  std::vector<double> strength(static_cast<std::size_t>(frames));
  double highest = 0;
  for (std::ptrdiff_t i = 0; i < frames; ++i) {
    const auto from = std::max<std::ptrdiff_t>(i - reach, 0);
    const auto to = std::min(i + reach + 1, frames);
    strength[i] = std::max(flux[i] - (sums[to] - sums[from]) / static_cast<double>(to - from), 0.0);
    highest = std::max(highest, strength[i]);
  }
  if (highest <= 1e-6) return rhythm;

  const double threshold = std::max(0.15 * highest, 0.05);
  const auto rest = static_cast<std::ptrdiff_t>(std::lround(0.05 / hop_s));
  int onsets = 0;
  std::ptrdiff_t last = -rest;
  for (std::ptrdiff_t i = 1; i + 1 < frames; ++i) {
    if (strength[i] < threshold || strength[i] < strength[i - 1] || strength[i] < strength[i + 1] || i - last < rest)
      continue;
    ++onsets;
    last = i;
  }
  rhythm.onsets_per_s = onsets / (static_cast<double>(frames) * hop_s);

  double mean = 0;
  for (const double s : strength) mean += s / static_cast<double>(frames);
  double energy = 0;
  for (auto& s : strength) {
    s -= mean;
    energy += s * s;
  }
  const auto shortest = static_cast<std::ptrdiff_t>(60 / 240.0 / hop_s);
  const auto longest = std::min(static_cast<std::ptrdiff_t>(60 / 40.0 / hop_s), frames / 2);
  const auto product = [&](std::ptrdiff_t lag) {
    double sum = 0;
    for (std::ptrdiff_t i = lag; i < frames; ++i) sum += strength[i] * strength[i - lag];
    return sum;
  };
  double best = 0;
  double top = 0;
  std::ptrdiff_t best_lag = 0;
  for (auto lag = shortest; lag <= longest; ++lag) {
    const double here = product(lag);
    const double octaves = std::log2(60 / (static_cast<double>(lag) * hop_s) / 120);
    const double score = here * std::exp(-0.5 * octaves * octaves);
    if (score > best) {
      best = score;
      top = here;
      best_lag = lag;
    }
  }
  if (best_lag == 0) return rhythm;
  // At 120 a minute one frame is 2.4 beats a minute: the parabola through three lags finds the place between them.
  const double before = product(best_lag - 1);
  const double after = product(best_lag + 1);
  const double curve = before - 2 * top + after;
  const double shift = curve < 0 ? std::clamp(0.5 * (before - after) / curve, -0.5, 0.5) : 0;
  rhythm.tempo_bpm = 60 / ((static_cast<double>(best_lag) + shift) * hop_s);
  rhythm.pulse_clarity = std::clamp(top / energy, 0.0, 1.0);
  return rhythm;
}

}  // namespace zhiyin
