// The truncated decomposition against the dense one of the same matrix.
#include "base/kernels/sparse_svd.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/kernels/linalg.h"
#include "base/random.h"

namespace zhiyin {
namespace {

SparseRows random_sparse(std::size_t rows, std::size_t width, float density) {
  Random random(11);
  SparseRows matrix{.width = width, .offsets = {0}, .columns = {}, .values = {}};
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::uint32_t column = 0; column < width; ++column) {
      if (random.uniform() >= density) continue;
      matrix.columns.push_back(column);
      matrix.values.push_back(random.normal());
    }
    matrix.offsets.push_back(matrix.columns.size());
  }
  return matrix;
}

// A'A in double, for the dense decomposition.
std::vector<double> gram_of(const SparseRows& matrix) {
  std::vector<double> gram(matrix.width * matrix.width, 0);
  for (std::size_t row = 0; row < matrix.rows(); ++row) {
    for (auto a = matrix.offsets[row]; a < matrix.offsets[row + 1]; ++a) {
      for (auto b = matrix.offsets[row]; b < matrix.offsets[row + 1]; ++b) {
        gram[matrix.columns[a] * matrix.width + matrix.columns[b]] += double{matrix.values[a]} * matrix.values[b];
      }
    }
  }
  return gram;
}

TEST(TruncatedSvd, IsTheTopOfTheDenseOne) {
  constexpr std::size_t kWidth = 30;
  constexpr std::size_t kRank = 6;
  const auto matrix = random_sparse(50, kWidth, 0.2F);
  const auto dense = symmetric_eigen(kWidth, gram_of(matrix)).value();
  const auto svd = truncated_svd(matrix, {.rank = kRank, .iterations = 30, .oversample = 8, .threads = 2});
  ASSERT_TRUE(svd.ok()) << svd.error().message;
  ASSERT_EQ(svd->values.size(), kRank);
  for (std::size_t k = 0; k < kRank; ++k) {
    EXPECT_NEAR(svd->values[k], std::sqrt(dense.values[kWidth - 1 - k]), 1e-4) << k;
    double along = 0;  // up to its sign the same vector
    for (std::size_t j = 0; j < kWidth; ++j)
      along += svd->right[j * kRank + k] * dense.vectors[(kWidth - 1 - k) * kWidth + j];
    EXPECT_NEAR(std::abs(along), 1, 1e-3) << k;
  }
}

TEST(TruncatedSvd, RightVectorsAreOrthonormal) {
  const auto svd = truncated_svd(random_sparse(200, 80, 0.1F), {.rank = 20}).value();
  for (std::size_t a = 0; a < 20; ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      double product = 0;
      for (std::size_t j = 0; j < 80; ++j) product += svd.right[j * 20 + a] * svd.right[j * 20 + b];
      EXPECT_NEAR(product, a == b ? 1 : 0, 1e-5) << a << " " << b;
    }
  }
}

TEST(TruncatedSvd, GivesNoMoreValuesThanTheMatrixHas) {
  // Rows (1 1 0 0) and (2 2 0 0): rank one, value sqrt(10), direction (1 1 0 0) / sqrt(2).
  const SparseRows matrix{.width = 4, .offsets = {0, 2, 4}, .columns = {0, 1, 0, 1}, .values = {1, 1, 2, 2}};
  const auto svd = truncated_svd(matrix, {.rank = 3}).value();
  ASSERT_EQ(svd.values.size(), 1U);
  EXPECT_NEAR(svd.values[0], std::sqrt(10.0), 1e-5);
  EXPECT_NEAR(std::abs(svd.right[0]), std::sqrt(0.5), 1e-5);
  EXPECT_EQ(svd.right[2], 0.0F);
  const SparseRows zeros{.width = 4, .offsets = {0, 0, 1}, .columns = {2}, .values = {0}};
  EXPECT_TRUE(truncated_svd(zeros, {.rank = 3}).value().values.empty());
  EXPECT_TRUE(truncated_svd({.width = 4, .offsets = {0}, .columns = {}, .values = {}}, {}).value().values.empty());
}

TEST(TruncatedSvd, RefusesNumbersThatAreNone) {
  const SparseRows matrix{
      .width = 1, .offsets = {0, 1}, .columns = {0}, .values = {std::numeric_limits<float>::quiet_NaN()}};
  EXPECT_FALSE(truncated_svd(matrix, {}).ok());
}

TEST(SolveSpd, SolvesSeveralRightSidesAtOnce) {
  std::vector<float> matrix = {4, 0, 0, 1, 3, 0, 0.5F, 0.25F, 2};  // only the lower triangle is read
  const float full[3][3] = {{4, 1, 0.5F}, {1, 3, 0.25F}, {0.5F, 0.25F, 2}};
  const float wanted[3][2] = {{1, -2}, {0.5F, 3}, {-1, 0}};
  std::vector<float> sides(6, 0);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t c = 0; c < 2; ++c) {
      for (std::size_t j = 0; j < 3; ++j) sides[i * 2 + c] += full[i][j] * wanted[j][c];
    }
  }
  ASSERT_TRUE(solve_spd(3, matrix.data(), 2, sides.data()).ok());
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t c = 0; c < 2; ++c) EXPECT_NEAR(sides[i * 2 + c], wanted[i][c], 1e-5);
  }
  std::vector<float> indefinite = {1, 0, 2, 1};
  std::vector<float> side = {1, 1};
  EXPECT_FALSE(solve_spd(2, indefinite.data(), 1, side.data()).ok());
}

}  // namespace
}  // namespace zhiyin
