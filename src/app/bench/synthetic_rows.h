// Vectors that look like those of a real home, for measurements: made in a moment, the same for a seed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"

namespace zhiyin {

// How many clusters a catalogue of that size falls into.
std::size_t synthetic_clusters(std::size_t items);

// iALS-like: near their cluster's centre in a space of 24 directions, with 15 % noise and log-normal lengths.
std::vector<float> synthetic_factors(std::span<const std::uint32_t> cluster_of, std::size_t clusters, std::size_t dim,
                                     Random& random);

// Content-like: near their cluster's centre, with as much noise as direction.
std::vector<float> synthetic_content(std::span<const std::uint32_t> cluster_of, std::size_t clusters, std::size_t dim,
                                     Random& random);

}  // namespace zhiyin
