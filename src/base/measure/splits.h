// How data are cut into what a model may see and what it is asked for. Every cut is drawn from a Random that the caller
// seeds, so that it is the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/random.h"

namespace zhiyin {

// The numbers 0 .. size-1 in random order, dealt into `folds` consecutive groups whose sizes differ by at most one;
// each group ascending.
std::vector<std::vector<std::uint32_t>> random_folds(std::size_t size, std::size_t folds, Random& random);

// A row of positions 0 .. n-1, cut in two; both parts ascending, together the whole row.
struct HoldOut {
  std::vector<std::uint32_t> kept;
  std::vector<std::uint32_t> held_out;
};

// Holds out int(share * size) random positions (so the rest, often called fold-in, is never empty for share < 1).
HoldOut hold_out_share(std::size_t size, double share, Random& random);

// Holds out the last `count` positions of a row in order of time, but always keeps one; a row of one holds out nothing.
HoldOut hold_out_last(std::size_t size, std::size_t count);

}  // namespace zhiyin
