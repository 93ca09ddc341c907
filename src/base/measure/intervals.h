// How sure a mean over users is, and whether two models differ on the same users. No distribution is assumed.
#pragma once

#include <cstdint>
#include <span>

namespace zhiyin {

struct Interval {
  double low = 0;
  double high = 0;
};

// 95% percentile bootstrap interval of the mean of `values`, one value a user (Efron 1979): the users are drawn again
// with replacement `resamples` times. Values must not be empty. Repeats for a seed.
Interval bootstrap_mean(std::span<const double> values, std::uint64_t seed, int resamples = 1000);

struct PairedDifference {
  double mean = 0;    // of a - b
  Interval interval;  // 95%, bootstrap over users
  double p = 1;  // two-sided; the chance of a mean this far from 0 if it were a coin flip which model got which value
};

// a[i] and b[i] belong to the same user. p is that of the sign-flip randomisation test (Fisher 1935) with
// `resamples` random flips, (1 + extreme) / (1 + resamples).
PairedDifference paired_difference(std::span<const double> a, std::span<const double> b, std::uint64_t seed,
                                   int resamples = 1000);

}  // namespace zhiyin
