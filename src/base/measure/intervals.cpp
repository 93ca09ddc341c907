#include "base/measure/intervals.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/random.h"

namespace zhiyin {
namespace {

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// The value below which `share` of the sorted sample lies, between neighbours by linear interpolation.
double quantile(std::span<const double> sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], at - std::floor(at));
}

}  // namespace

Interval bootstrap_mean(std::span<const double> values, std::uint64_t seed, int resamples) {
  assert(!values.empty() && resamples > 0);
  Random random(seed);
  const auto size = static_cast<std::uint32_t>(values.size());
  std::vector<double> means(static_cast<std::size_t>(resamples));
  for (auto& mean : means) {
    double sum = 0;
    for (std::uint32_t draw = 0; draw < size; ++draw) sum += values[random.below(size)];
    mean = sum / size;
  }
  std::ranges::sort(means);
  return {quantile(means, 0.025), quantile(means, 0.975)};
}

PairedDifference paired_difference(std::span<const double> a, std::span<const double> b, std::uint64_t seed,
                                   int resamples) {
  assert(a.size() == b.size());
  std::vector<double> differences(a.size());
  std::ranges::transform(a, b, differences.begin(), std::minus<>());
  PairedDifference result{.mean = mean_of(differences), .interval = bootstrap_mean(differences, seed, resamples)};

  Random random(seed, 1);
  const double observed = std::abs(std::accumulate(differences.begin(), differences.end(), 0.0));
  const double tolerance = 1e-12 * static_cast<double>(differences.size());  // rounding must not hide an equal flip
  int extreme = 0;
  for (int round = 0; round < resamples; ++round) {
    double sum = 0;
    std::uint32_t coins = 0;
    for (std::size_t user = 0; user < differences.size(); ++user) {
      if (user % 32 == 0) coins = random.next();
      sum += (coins & 1U) != 0 ? differences[user] : -differences[user];
      coins >>= 1U;
    }
    if (std::abs(sum) >= observed - tolerance) ++extreme;
  }
  result.p = (1.0 + extreme) / (1.0 + resamples);
  return result;
}

}  // namespace zhiyin
