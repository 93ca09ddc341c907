#include "base/kernels/sparse_svd.h"

#include <algorithm>
#include <cmath>

#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"
#include "base/random.h"
#include "base/threads.h"

namespace zhiyin {
namespace {

// Of the largest eigenvalue of a Gram matrix in float32: what is below is rounding, not a direction.
constexpr double kLeastEigenvalue = 1e-7;

// Dense row-major columns: rows x dim.
struct Block {
  std::size_t dim = 0;
  std::vector<float> values;
};

Block product(const SparseRows& a, const Block& x, int threads) {
  Block y{x.dim, std::vector<float>(a.rows() * x.dim, 0)};
  parallel_for(a.rows(), 64, threads, [&](std::size_t begin, std::size_t end, int) {
    for (auto row = begin; row < end; ++row) {
      for (auto k = a.offsets[row]; k < a.offsets[row + 1]; ++k) {
        axpy(a.values[k], x.values.data() + a.columns[k] * x.dim, y.values.data() + row * x.dim, x.dim);
      }
    }
  });
  return y;
}

// x becomes x W, with fewer columns where W has.
void rotate(Block& x, std::size_t dim, const std::vector<float>& w, int threads) {
  const auto rows = x.values.size() / x.dim;
  std::vector<float> turned(rows * dim);
  gemm(Transpose::kNo, Transpose::kNo, rows, dim, x.dim, 1, x.values.data(), w.data(), 0, turned.data(), threads);
  x = {dim, std::move(turned)};
}

// The eigenvectors of x'x by falling eigenvalue, those of rounding left out; as columns, dim x values.size().
struct Principal {
  std::vector<double> values;
  std::vector<float> vectors;
};
Result<Principal> principal_directions(const Block& x, int threads) {
  std::vector<float> product(x.dim * x.dim, 0);
  gram(x.values.size() / x.dim, x.dim, x.values.data(), 0, product.data(), threads);
  ZY_TRY(const auto eigen, symmetric_eigen(x.dim, std::vector<double>(product.begin(), product.end())));
  Principal found;
  const double least = kLeastEigenvalue * eigen.values.back();
  for (std::size_t k = x.dim; k-- > 0 && eigen.values[k] > least;) found.values.push_back(eigen.values[k]);
  const auto kept = found.values.size();
  found.vectors.resize(x.dim * kept);
  for (std::size_t k = 0; k < kept; ++k) {
    for (std::size_t d = 0; d < x.dim; ++d) {
      found.vectors[d * kept + k] = static_cast<float>(eigen.vectors[(x.dim - 1 - k) * x.dim + d]);
    }
  }
  return found;
}

// An orthonormal basis of what the columns span; dim 0 where they are all zeros.
Result<void> orthonormalise(Block& x, int threads) {
  if (x.dim == 0) return {};
  ZY_TRY(auto found, principal_directions(x, threads));
  const auto kept = found.values.size();
  for (std::size_t d = 0; d < x.dim; ++d) {
    for (std::size_t k = 0; k < kept; ++k)
      found.vectors[d * kept + k] /= static_cast<float>(std::sqrt(found.values[k]));
  }
  rotate(x, kept, found.vectors, threads);
  return {};
}

}  // namespace

SparseRows SparseRows::transposed() const {
  SparseRows turned{.width = rows(), .offsets = std::vector<std::size_t>(width + 1, 0), .columns = {}, .values = {}};
  for (const auto column : columns) ++turned.offsets[column + 1];
  for (std::size_t column = 0; column < width; ++column) turned.offsets[column + 1] += turned.offsets[column];
  turned.columns.resize(columns.size());
  turned.values.resize(values.size());
  auto next = turned.offsets;
  for (std::size_t row = 0; row < rows(); ++row) {
    for (auto k = offsets[row]; k < offsets[row + 1]; ++k) {
      const auto at = next[columns[k]]++;
      turned.columns[at] = static_cast<std::uint32_t>(row);
      turned.values[at] = values[k];
    }
  }
  return turned;
}

Result<TruncatedSvd> truncated_svd(const SparseRows& matrix, const SvdOptions& options) {
  if (!std::ranges::all_of(matrix.values, [](float x) { return std::isfinite(x); }))
    return invalid("svd: a number of the matrix is not finite");
  const auto turned = matrix.transposed();
  const auto dim = std::min({options.rank + options.oversample, matrix.rows(), matrix.width});
  Random random(options.seed);
  Block right{dim, std::vector<float>(matrix.width * dim)};
  for (auto& x : right.values) x = random.normal();

  // Made orthonormal at every half of a round: squared condition numbers are more than float32 can hold.
  for (int round = 0; round < std::max(1, options.iterations); ++round) {
    auto left = product(matrix, right, options.threads);
    ZY_CHECK_OK(orthonormalise(left, options.threads));
    right = product(turned, left, options.threads);
    ZY_CHECK_OK(orthonormalise(right, options.threads));
  }
  ZY_CHECK_OK(orthonormalise(right, options.threads));  // once more, from near-orthonormal to orthonormal
  if (right.dim == 0) return TruncatedSvd{};

  ZY_TRY(const auto found, principal_directions(product(matrix, right, options.threads), options.threads));
  const auto rank = std::min(options.rank, found.values.size());
  std::vector<float> leading(right.dim * rank);
  for (std::size_t d = 0; d < right.dim; ++d) {
    std::copy_n(found.vectors.begin() + static_cast<std::ptrdiff_t>(d * found.values.size()), rank,
                leading.begin() + static_cast<std::ptrdiff_t>(d * rank));
  }
  rotate(right, rank, leading, options.threads);
  TruncatedSvd svd{.values = {}, .right = std::move(right.values)};
  for (std::size_t k = 0; k < rank; ++k) svd.values.push_back(static_cast<float>(std::sqrt(found.values[k])));
  return svd;
}

}  // namespace zhiyin
