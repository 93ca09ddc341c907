// Rows gathered by k-means: what an approximate index leaves out whole.
#pragma once

#include <cstdint>
#include <vector>

#include "state/index/index.h"

namespace zhiyin {

struct Clusters {
  std::vector<float> centres;             // row-major, count() x dim
  std::vector<std::uint32_t> cluster_of;  // by row; VectorRows::kNowhere for a row of zeros

  [[nodiscard]] std::size_t count(std::size_t dim) const { return dim == 0 ? 0 : centres.size() / dim; }
};

struct ClusterOptions {
  std::size_t rows_each = 256;  // about so many
  std::uint64_t seed = 42;
  int threads = 1;
};

// Many in two levels, so that the cost grows with n^1.5 rather than n^2: the rows into the square root of the number of
// clusters that is wanted, then each of those by itself. Lloyd's algorithm on the sphere, a few rounds on a sample:
// rows gather by direction, for the length of a centre says how alike its rows are, not how near they are to a query.
// Repeats bit by bit for a seed.
Clusters cluster_rows(const VectorRows& rows, const ClusterOptions& options);

}  // namespace zhiyin
