// Leaning on what everybody likes while little is known of a user.
//
//   score(i) = what the history says of i + w(n) (what everybody says of i)
//   w(n)     = lean 5 / (n + 5),  n the items of the history
//
// Models that learn to predict a 1 for what happened (ials, ease) say little after one event and more with each
// further one, while the share of all users who touched an item stays what it is: so the two add up as they are, on
// one scale, and how far to lean hardly depends on the data.
//
// What everybody says is nobody's reason: explain() gives the shares of the first part, to which they add up.
#pragma once

#include <cstddef>

#include "match/params.h"

namespace zhiyin {

// Tuning leaves it alone: what it validates on are long histories for the most part.
constexpr ParamRange lean_range(double initial) { return {"lean", initial, initial, false, initial}; }

inline float leaning(double lean, std::size_t items_of_history) {
  constexpr double kHalfAt = 5;
  return static_cast<float>(lean * kHalfAt / (static_cast<double>(items_of_history) + kHalfAt));
}

}  // namespace zhiyin
