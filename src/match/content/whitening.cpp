#include "match/content/whitening.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"

namespace zhiyin {
namespace {

std::vector<ModalityBlock> blocks_of(const ItemFeatures& features) {
  if (!features.blocks.empty()) return features.blocks;
  return {ModalityBlock{.dim = features.dim, .neighbours = {}, .kernel = {}}};
}

// The block's rows of the items that have it, packed; `known` gets those items.
std::vector<float> packed_rows(const ItemFeatures& features, std::size_t items, std::size_t offset, std::size_t dim,
                               std::vector<std::size_t>& known) {
  std::vector<float> rows;
  for (std::size_t item = 0; item < items; ++item) {
    const auto row = std::span(features.rows).subspan(item * features.dim + offset, dim);
    if (std::ranges::all_of(row, [](float x) { return x == 0; })) continue;
    known.push_back(item);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return rows;
}

// A row that differs from the mean by no more than rounding becomes zeros: it must not be blown up to unit length.
void centre(std::vector<float>& rows, std::size_t dim) {
  constexpr float kRounding = 1e-5F;
  const auto count = rows.size() / dim;
  std::vector<double> mean(dim, 0);
  for (std::size_t k = 0; k < rows.size(); ++k) mean[k % dim] += rows[k] / static_cast<double>(count);
  for (std::size_t r = 0; r < count; ++r) {
    const auto row = std::span(rows).subspan(r * dim, dim);
    const float before = dot(row, row);
    for (std::size_t d = 0; d < dim; ++d) row[d] -= static_cast<float>(mean[d]);
    if (dot(row, row) <= kRounding * kRounding * before) std::ranges::fill(row, 0.0F);
  }
}

void scale_to(std::span<float> row, float wanted) {
  const float length = std::sqrt(dot(row, row));
  for (auto& x : row) x = length > 0 ? x * wanted / length : 0;
}

// What turns a centred row into a whitened one: dim x dim, to be multiplied from the right.
Result<std::vector<float>> whitening_matrix(const std::vector<float>& rows, std::size_t dim, float shrink,
                                            int threads) {
  std::vector<float> covariance(dim * dim, 0);
  gram(rows.size() / dim, dim, rows.data(), 0, covariance.data(), threads);
  const auto count = static_cast<double>(rows.size() / dim);
  std::vector<double> scaled(covariance.begin(), covariance.end());
  for (auto& x : scaled) x /= count;
  ZY_TRY(const auto eigen, symmetric_eigen(dim, std::move(scaled)));
  const double mean =
      std::max(0.0, std::accumulate(eigen.values.begin(), eigen.values.end(), 0.0) / static_cast<double>(dim));
  std::vector<float> matrix(dim * dim);
  for (std::size_t k = 0; k < dim; ++k) {
    // A block without any spread, such as that of a single item, is zeros whatever the scale.
    const double variance = std::max(eigen.values[k], 0.0) + std::max(double{shrink}, 1e-6) * mean;
    const double scale = variance > 0 ? 1 / std::sqrt(variance) : 0;
    for (std::size_t d = 0; d < dim; ++d) matrix[d * dim + k] = static_cast<float>(scale * eigen.vectors[k * dim + d]);
  }
  return matrix;
}

}  // namespace

Result<std::vector<float>> whitened(const ItemFeatures* features, std::size_t items, Whitening ModalityBlock::*use,
                                    int threads) {
  if (features == nullptr || features->dim == 0)
    return invalid("no item has content vectors: scan media, or give features");
  const auto dim = features->dim;
  const auto blocks = blocks_of(*features);
  const auto together = std::accumulate(blocks.begin(), blocks.end(), std::size_t{0},
                                        [](std::size_t sum, const ModalityBlock& block) { return sum + block.dim; });
  if (features->rows.size() != items * dim || together != dim)
    return invalid("the content vectors do not fit the items");
  if (!std::ranges::all_of(features->rows, [](float x) { return std::isfinite(x); }))
    return invalid("a content vector is not finite");

  std::vector<float> out(items * dim, 0);
  std::size_t offset = 0;
  for (const auto& block : blocks) {
    std::vector<std::size_t> known;
    auto rows = packed_rows(*features, items, offset, block.dim, known);
    if (!known.empty()) {
      centre(rows, block.dim);
      ZY_TRY(const auto matrix, whitening_matrix(rows, block.dim, (block.*use).shrink, threads));
      std::vector<float> turned(rows.size());
      gemm(Transpose::kNo, Transpose::kNo, known.size(), block.dim, block.dim, 1, rows.data(), matrix.data(), 0,
           turned.data(), threads);
      for (std::size_t k = 0; k < known.size(); ++k) {
        const auto row = std::span(turned).subspan(k * block.dim, block.dim);
        scale_to(row, (block.*use).weight);
        std::ranges::copy(row, out.begin() + static_cast<std::ptrdiff_t>(known[k] * dim + offset));
      }
    }
    offset += block.dim;
  }
  for (std::size_t item = 0; item < items; ++item) scale_to(std::span(out).subspan(item * dim, dim), 1);
  return out;
}

}  // namespace zhiyin
