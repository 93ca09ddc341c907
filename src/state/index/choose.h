// Which index serves a table: the exact scan, unless the table is large and an approximate index was measured to be
// quicker at the recall that is asked for.
#pragma once

#include <functional>
#include <memory>

#include "state/index/index.h"

namespace zhiyin {

struct ChooseOptions {
  std::size_t approximate_from = 300'000;  // rows; below, the scan takes well under a millisecond
  double recall_goal = 0.98;
  std::size_t k = 100;       // of recall@k
  std::size_t together = 1;  // queries that a request asks at once: both are timed that way
  std::size_t samples = 96;  // queries
  std::uint64_t seed = 42;
  int threads = 1;
};

// Makes a query like those that will be asked, from a row drawn by lot; `exact` finds what is near a row.
using SampleQuery = std::function<std::vector<float>(std::uint32_t row, const VectorIndex& exact)>;

// The clusters (cluster_index.h) must hold the goal on the sample queries, against the scan, and be quicker than it, or
// the scan serves. The log says what was measured.
std::unique_ptr<const VectorIndex> choose_index(VectorRows rows, const SampleQuery& sample,
                                                const ChooseOptions& options);

}  // namespace zhiyin
