// What somebody did last says most about what they do next: a history's weights, decayed by age before a linear model
// reads them. Age is counted in items, not in hours: people act in sittings, and inside one the clock tells little.
//
//   weight_k <- weight_k exp(-age_k / recency),  age 0 for the newest; recency 0: as they are
#pragma once

#include <cmath>

#include "match/model.h"

namespace zhiyin {

inline History recent(const History& history, double recency) {
  auto decayed = history;
  if (recency <= 0) return decayed;
  const auto newest = static_cast<double>(history.items.size()) - 1;
  for (std::size_t k = 0; k < decayed.weights.size(); ++k) {
    decayed.weights[k] *= static_cast<float>(std::exp((static_cast<double>(k) - newest) / recency));
  }
  return decayed;
}

}  // namespace zhiyin
