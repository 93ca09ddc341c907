// How much two orders of the same things agree.
#pragma once

#include <span>

namespace zhiyin {

// Kendall's tau-b (Kendall 1945): pairs that both value lists put in the same order less those that they put in opposite
// orders, over the geometric mean of the pairs that each list decides at all. From -1 to 1; 0 where one list decides
// none. Equal values must be equal bit by bit to count as a tie. Both lists are of the same things, place by place.
double kendall_tau(std::span<const double> a, std::span<const double> b);

}  // namespace zhiyin
