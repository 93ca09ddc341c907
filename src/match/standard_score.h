// Scores of different models are brought to one scale by their mean and deviation over items, user by user, before they
// are added up: no model is louder because its numbers are larger.
#pragma once

#include <cmath>
#include <span>

#include "domain/interactions.h"

namespace zhiyin {

struct StandardScale {
  double mean = 0;
  double factor = 0;  // 1 / deviation; 0 where all scores are equal, so that such a model says nothing

  [[nodiscard]] double of(double score) const { return (score - mean) * factor; }
};

// Over the items `among`; over all where that is empty.
inline StandardScale standard_scale(std::span<const float> scores, std::span<const ItemIndex> among = {}) {
  const auto count = among.empty() ? scores.size() : among.size();
  const auto score = [&](std::size_t k) { return double{scores[among.empty() ? k : among[k]]}; };
  StandardScale scale;
  if (count == 0) return scale;
  for (std::size_t k = 0; k < count; ++k) scale.mean += score(k) / static_cast<double>(count);
  double variance = 0;
  for (std::size_t k = 0; k < count; ++k)
    variance += (score(k) - scale.mean) * (score(k) - scale.mean) / static_cast<double>(count);
  const double deviation = std::sqrt(variance);
  // Below this share of the mean the deviation is rounding.
  if (deviation > 1e-6 * std::abs(scale.mean) && deviation > 1e-30) scale.factor = 1 / deviation;
  return scale;
}

}  // namespace zhiyin
