// How much of its time a decode has used: the steps of one file share it, so that a slow file loses its last steps
// (with a warning) before it loses everything.
#pragma once

#include <algorithm>
#include <ctime>

#include "base/clock.h"
#include "understand/media/media.h"

namespace zhiyin {

class Budget {
 public:
  explicit Budget(const DecodeLimits& limits) : wall_s_(limits.wall_s), cpu_s_(limits.cpu_s) {}

  // Whether more than this share of the wall or the processor time is gone.
  [[nodiscard]] bool spent(double share) const {
    const double cpu = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
    return watch_.seconds() > share * wall_s_ || cpu > share * cpu_s_;
  }

 private:
  Stopwatch watch_;
  double wall_s_;
  double cpu_s_;
};

// Shares of the budget after which each step stops.
inline constexpr double kPictureShare = 0.5;
inline constexpr double kSoundShare = 0.8;
inline constexpr double kSubtitleShare = 0.9;

}  // namespace zhiyin
