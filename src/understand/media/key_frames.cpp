#include "understand/media/key_frames.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace zhiyin {
namespace {

constexpr int kGrid = 8;
constexpr double kSameLook = 0.012;  // differences below this are noise
constexpr double kNewShot = 0.06;    // and a cut is at least this
constexpr double kStandsOut = 3.0;   // times the median difference of neighbours
constexpr double kSurelyCut = 0.15;  // however restless the rest is: where samples lie far apart, most jumps are cuts

using Signature = std::array<float, kGrid * kGrid * 3>;  // mean R, G, B of each cell, in [0, 1]

Signature signature(const Frame& frame) {
  Signature sums{};
  std::array<int, kGrid * kGrid> counts{};
  for (int y = 0; y < frame.height; ++y) {
    for (int x = 0; x < frame.width; ++x) {
      const int cell = (y * kGrid / frame.height) * kGrid + x * kGrid / frame.width;
      const auto* pixel = &frame.rgb[3 * (static_cast<std::size_t>(y) * frame.width + x)];
      for (int c = 0; c < 3; ++c) sums[cell * 3 + c] += static_cast<float>(pixel[c]);
      ++counts[cell];
    }
  }
  for (int i = 0; i < kGrid * kGrid * 3; ++i) sums[i] /= 255.0F * static_cast<float>(std::max(counts[i / 3], 1));
  return sums;
}

double difference(const Signature& a, const Signature& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return sum / static_cast<double>(a.size());
}

struct Shot {
  std::size_t begin;
  std::size_t end;
};

std::vector<Signature> signatures(std::span<const Frame> frames) {
  std::vector<Signature> looks;
  looks.reserve(frames.size());
  for (const auto& frame : frames) looks.push_back(signature(frame));
  return looks;
}

// The difference of each look from the one before; the first has none.
std::vector<double> jumps_of(const std::vector<Signature>& looks) {
  std::vector<double> jumps(looks.size(), 0.0);
  for (std::size_t i = 1; i < looks.size(); ++i) jumps[i] = difference(looks[i - 1], looks[i]);
  return jumps;
}

// A jump beyond this is a cut.
double cut_threshold(const std::vector<double>& jumps) {
  if (jumps.size() < 2) return kNewShot;
  std::vector<double> sorted(jumps.begin() + 1, jumps.end());
  std::ranges::sort(sorted);
  return std::clamp(kStandsOut * sorted[sorted.size() / 2], kNewShot, kSurelyCut);
}

std::vector<Shot> shots_of(const std::vector<Signature>& looks) {
  const auto jumps = jumps_of(looks);
  const double threshold = cut_threshold(jumps);
  std::vector<Shot> shots{{0, looks.size()}};
  for (std::size_t i = 1; i < jumps.size(); ++i) {
    if (jumps[i] <= threshold) continue;
    shots.back().end = i;
    shots.push_back({i, looks.size()});
  }
  return shots;
}

}  // namespace

double frame_difference(const Frame& a, const Frame& b) { return difference(signature(a), signature(b)); }

std::vector<Glimpse> glimpses_of(std::span<const Frame> frames) {
  const auto jumps = jumps_of(signatures(frames));
  const double threshold = cut_threshold(jumps);
  std::vector<Glimpse> glimpses;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const double change = std::min(jumps[i], 1.0);
    glimpses.push_back({frames[i].time_s, static_cast<float>(change), jumps[i] > threshold});
  }
  return glimpses;
}

std::vector<std::size_t> choose_key_frames(std::span<const Frame> frames, int count) {
  std::vector<std::size_t> chosen;
  if (frames.empty() || count <= 0) return chosen;
  const auto looks = signatures(frames);
  auto shots = shots_of(looks);
  std::ranges::stable_sort(shots, std::greater{}, [](const Shot& shot) { return shot.end - shot.begin; });
  const auto wanted = static_cast<std::size_t>(count);
  for (const auto& shot : shots) {
    if (chosen.size() < wanted) chosen.push_back(shot.begin + (shot.end - shot.begin) / 2);
  }

  // Farthest first: what looks least like anything chosen so far.
  std::vector<double> nearest(frames.size(), std::numeric_limits<double>::max());
  const auto mark = [&](std::size_t taken) {
    for (std::size_t i = 0; i < frames.size(); ++i)
      nearest[i] = std::min(nearest[i], difference(looks[i], looks[taken]));
  };
  for (const auto taken : chosen) mark(taken);
  while (chosen.size() < wanted) {
    const auto farthest = static_cast<std::size_t>(std::ranges::max_element(nearest) - nearest.begin());
    if (nearest[farthest] < kSameLook) break;
    chosen.push_back(farthest);
    mark(farthest);
  }
  std::ranges::sort(chosen);
  return chosen;
}

std::size_t most_telling(std::span<const Frame> frames) {
  std::size_t best = 0;
  double best_score = -1;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto& frame = frames[i];
    std::array<double, 32> histogram{};
    double detail = 0;
    double colour = 0;
    int before = 0;
    const auto pixels = frame.rgb.size() / 3;
    for (std::size_t p = 0; p < pixels; ++p) {
      const int r = frame.rgb[3 * p];
      const int g = frame.rgb[3 * p + 1];
      const int b = frame.rgb[3 * p + 2];
      const int luma = (299 * r + 587 * g + 114 * b) / 1000;
      ++histogram[static_cast<std::size_t>(luma) / 8];
      detail += std::min(std::abs(luma - before), 64);
      colour += std::max({r, g, b}) - std::min({r, g, b});
      before = luma;
    }
    double entropy = 0;  // of the luma, at most 5 bits
    for (const double n : histogram) {
      if (n > 0) entropy -= n / static_cast<double>(pixels) * std::log2(n / static_cast<double>(pixels));
    }
    const auto n = static_cast<double>(std::max<std::size_t>(pixels, 1));
    const double score = entropy / 5 + 0.5 * std::min(detail / n / 16, 1.0) + 0.5 * std::min(colour / n / 96, 1.0);
    if (score > best_score) {
      best_score = score;
      best = i;
    }
  }
  return best;
}

}  // namespace zhiyin
