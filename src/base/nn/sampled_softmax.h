// Softmax cross entropy of each row's own item against candidates that all rows share:
//
//   L = mean over rows of  -s_own + log(exp s_own + sum_{c in candidates, c != own} exp(s_c - log_expected_c))
//
// with s = state . vector. log_expected is the log of how often a candidate is expected among the candidates (logQ; Yi
// et al. 2019); the own item is always there, so it is not corrected. With every item a candidate and no correction it
// is the full softmax.
//
// Rows are taken a few hundred at a time, so that the logits stay in the cache however many rows and candidates meet. On one
// thread: products of this size leave a second one waiting more than working.
#pragma once

#include "base/nn/matrix.h"

namespace zhiyin::nn {

// Who is scored. Ids ascending, each once; one row of `vectors` an id.
struct SharedCandidates {
  std::span<const std::uint32_t> ids;
  std::span<const float> log_expected;  // empty: nothing is corrected
  const Matrix& vectors;
};

struct SampledSoftmax {
  double value = 0;
  Matrix by_states;      // as states
  Matrix by_own;         // as own_vectors
  Matrix by_candidates;  // as candidates.vectors
};

// `own`: each row's item, with its vector in the same row of own_vectors.
SampledSoftmax sampled_softmax(const Matrix& states, std::span<const std::uint32_t> own, const Matrix& own_vectors,
                               const SharedCandidates& candidates);

}  // namespace zhiyin::nn
