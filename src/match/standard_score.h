// Scores of different models are brought to one scale by their mean and deviation over items, user by user, before they
// are added up: no model is louder because its numbers are larger.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>

#include "domain/interactions.h"

namespace zhiyin {

struct StandardScale {
  double mean = 0;
  double factor = 0;  // 1 / deviation; 0 where all scores are equal, so that such a model says nothing

  [[nodiscard]] double of(double score) const { return (score - mean) * factor; }
};

inline StandardScale standard_scale(double mean, double variance) {
  const double deviation = std::sqrt(std::max(variance, 0.0));
  // Below this share of the mean the deviation is rounding.
  const bool says_something = deviation > 1e-6 * std::abs(mean) && deviation > 1e-30;
  return {mean, says_something ? 1 / deviation : 0};
}

// Over the items `among`; over all where that is empty.
inline StandardScale standard_scale(std::span<const float> scores, std::span<const ItemIndex> among = {}) {
  const auto count = among.empty() ? scores.size() : among.size();
  const auto score = [&](std::size_t k) { return double{scores[among.empty() ? k : among[k]]}; };
  if (count == 0) return {};
  double mean = 0;
  for (std::size_t k = 0; k < count; ++k) mean += score(k);
  mean /= static_cast<double>(count);
  double squares = 0;
  for (std::size_t k = 0; k < count; ++k) squares += (score(k) - mean) * (score(k) - mean);
  return standard_scale(mean, squares / static_cast<double>(count));
}

}  // namespace zhiyin
