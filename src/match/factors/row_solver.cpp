#include "match/factors/row_solver.h"

#include <algorithm>
#include <cmath>

#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"

namespace zhiyin {
namespace {

constexpr std::size_t kSlabRows = 512;  // of a long row that are gathered at once

}  // namespace

void RowSolver::improve(std::span<const ItemIndex> items, std::span<const float> weights, std::span<float> x) {
  const auto dim = held_.dim();
  if (how_.solver == AlsSolver::kConjugateGradients) {
    held_.solve(items, weights, weighted_sum(held_.factors(), dim, items, weights), x, how_.steps, 0);
    return;
  }
  diagonal_ = held_.diagonal(items.size());
  inverse_root_.resize(dim);
  for (std::size_t d = 0; d < dim; ++d) inverse_root_[d] = 1 / std::sqrt(diagonal_[d]);
  root_weights_.resize(items.size());
  misses_.resize(items.size());
  for (std::size_t k = 0; k < items.size(); ++k) {
    root_weights_[k] = std::sqrt(weights[k]);
    misses_[k] = root_weights_[k] * (1 - dot(held_.factors().data() + items[k] * dim, x.data(), dim));
  }
  const auto block = how_.solver == AlsSolver::kCholesky ? dim : std::clamp<std::size_t>(how_.block, 1, dim);
  for (std::size_t end = dim; end > 0;) {  // the widest directions come last in the basis, and go first here
    const auto width = std::min(block, end);
    end -= width;
    improve_block(items, end, width, end == 0, x);
  }
}

void RowSolver::gather(std::span<const ItemIndex> items, std::size_t begin, std::size_t end, std::size_t from,
                       std::size_t width) {
  const auto dim = held_.dim();
  const auto* scale = inverse_root_.data() + from;
  slab_.resize((end - begin) * width);
  for (auto k = begin; k < end; ++k) {
    const auto* row = held_.factors().data() + items[k] * dim + from;
    auto* to = slab_.data() + (k - begin) * width;
    const float weight = root_weights_[k];
    for (std::size_t d = 0; d < width; ++d) to[d] = weight * row[d] * scale[d];
  }
}

void RowSolver::improve_block(std::span<const ItemIndex> items, std::size_t from, std::size_t width, bool last,
                              std::span<float> x) {
  const auto count = items.size();
  step_.resize(width);
  for (std::size_t d = 0; d < width; ++d) step_[d] = -x[from + d] * diagonal_[from + d] * inverse_root_[from + d];
  const auto add_identity = [this](std::size_t size) {
    for (std::size_t d = 0; d < size; ++d) system_[d * size + d] += 1;
  };
  Result<void> solved;
  if (count < width) {
    gather(items, 0, count, from, width);
    for (std::size_t k = 0; k < count; ++k) axpy(misses_[k], slab_.data() + k * width, step_.data(), width);
    system_.resize(count * count);
    half_product(Transpose::kNo, count, width, slab_.data(), 0, system_.data());
    add_identity(count);
    shadow_.resize(count);
    row_dots(slab_.data(), count, width, step_.data(), shadow_.data());
    solved = solve_spd(count, system_.data(), 1, shadow_.data());
    for (std::size_t k = 0; k < count; ++k) axpy(-shadow_[k], slab_.data() + k * width, step_.data(), width);
  } else {
    system_.assign(width * width, 0);
    for (std::size_t begin = 0; begin < count; begin += kSlabRows) {
      const auto end = std::min(count, begin + kSlabRows);
      gather(items, begin, end, from, width);
      half_product(Transpose::kYes, width, end - begin, slab_.data(), 1, system_.data());
      for (auto k = begin; k < end; ++k) axpy(misses_[k], slab_.data() + (k - begin) * width, step_.data(), width);
    }
    add_identity(width);
    solved = solve_spd(width, system_.data(), 1, step_.data());
  }
  if (!solved.ok()) return;  // only where the factors are not finite any more: train() looks for that at its end
  for (std::size_t d = 0; d < width; ++d) {
    step_[d] *= inverse_root_[from + d];
    x[from + d] += step_[d];
  }
  if (last) return;
  const auto dim = held_.dim();
  for (std::size_t k = 0; k < count; ++k)
    misses_[k] -= root_weights_[k] * dot(held_.factors().data() + items[k] * dim + from, step_.data(), width);
}

}  // namespace zhiyin
