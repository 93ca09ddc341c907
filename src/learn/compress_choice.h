// Which way to keep each of several things in, so that all fit in a budget and the losses add up to the least.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace zhiyin {

struct Choice {
  std::size_t bytes;
  double loss;
};

// By thing, the number of its choice; nothing where even the smallest do not fit. Exact: combinations are built thing
// by thing, and only those are carried on that no other beats in both bytes and loss.
std::optional<std::vector<std::size_t>> choose_within(const std::vector<std::vector<Choice>>& things,
                                                      std::size_t budget);

}  // namespace zhiyin
