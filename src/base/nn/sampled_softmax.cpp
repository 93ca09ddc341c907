#include "base/nn/sampled_softmax.h"

#include <algorithm>
#include <cmath>

#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"

namespace zhiyin::nn {
namespace {

constexpr std::size_t kRowsAtATime = 256;

}  // namespace

SampledSoftmax sampled_softmax(const Matrix& states, std::span<const std::uint32_t> own, const Matrix& own_vectors,
                               const SharedCandidates& candidates) {
  const auto rows = states.rows();
  const auto dim = states.columns();
  const auto count = candidates.ids.size();
  assert(own.size() == rows && own_vectors.rows() == rows && own_vectors.columns() == dim);
  assert(candidates.vectors.rows() == count && candidates.vectors.columns() == dim);
  assert(candidates.log_expected.empty() || candidates.log_expected.size() == count);
  SampledSoftmax loss{0, Matrix(rows, dim), Matrix(rows, dim), Matrix(count, dim)};
  const float share = 1 / static_cast<float>(std::max<std::size_t>(rows, 1));
  Matrix logits(std::min(rows, kRowsAtATime), count);  // then their gradient, in the same place
  std::vector<float> own_gradient(logits.rows());
  for (std::size_t begin = 0; begin < rows; begin += kRowsAtATime) {
    const auto here = std::min(kRowsAtATime, rows - begin);
    gemm(Transpose::kNo, Transpose::kYes, here, count, dim, 1, states.row(begin).data(), candidates.vectors.data(), 0,
         logits.data());
    for (std::size_t k = 0; k < here; ++k) {
      const auto row = logits.row(k);
      if (!candidates.log_expected.empty()) axpy(-1, candidates.log_expected.data(), row.data(), count);
      const auto hit = std::ranges::lower_bound(candidates.ids, own[begin + k]);
      if (hit != candidates.ids.end() && *hit == own[begin + k])
        row[static_cast<std::size_t>(hit - candidates.ids.begin())] = -INFINITY;
      const double score = dot(states.row(begin + k), own_vectors.row(begin + k));
      const double others = softmax(row.data(), count);
      // The own item joins the softmax of the others: each share shrinks to what it leaves.
      const double all = std::max(score, others) + std::log1p(std::exp(-std::abs(score - others)));
      loss.value += (all - score) * share;
      const auto left = static_cast<float>(std::exp(others - all));
      own_gradient[k] = -left * share;
      for (auto& p : row) p *= left * share;
    }
    gemm(Transpose::kNo, Transpose::kNo, here, dim, count, 1, logits.data(), candidates.vectors.data(), 0,
         loss.by_states.row(begin).data());
    gemm(Transpose::kYes, Transpose::kNo, count, dim, here, 1, logits.data(), states.row(begin).data(), 1,
         loss.by_candidates.data());
    for (std::size_t k = 0; k < here; ++k) {
      axpy(own_gradient[k], own_vectors.row(begin + k).data(), loss.by_states.row(begin + k).data(), dim);
      axpy(own_gradient[k], states.row(begin + k).data(), loss.by_own.row(begin + k).data(), dim);
    }
  }
  return loss;
}

}  // namespace zhiyin::nn
