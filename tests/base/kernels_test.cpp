#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"
#include "base/random.h"

namespace zhiyin {
namespace {

std::vector<float> draw(std::size_t size, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> values(size);
  for (auto& value : values) value = random.normal();
  return values;
}

double plain_dot(const float* a, const float* b, std::size_t size) {
  double sum = 0;
  for (std::size_t k = 0; k < size; ++k) sum += double{a[k]} * b[k];
  return sum;
}

TEST(Vectors, EveryLengthAgreesWithThePlainLoop) {
  for (std::size_t size = 0; size < 130; ++size) {
    const auto x = draw(size + 1, 1);
    auto y = draw(size + 1, 2);
    EXPECT_NEAR(dot(x.data() + 1, y.data() + 1, size), plain_dot(x.data() + 1, y.data() + 1, size), 1e-4)
        << vector_instructions();
    const auto before = y;
    axpy(0.5F, x.data() + 1, y.data() + 1, size);
    EXPECT_EQ(y[0], before[0]);
    for (std::size_t k = 1; k <= size; ++k) EXPECT_NEAR(y[k], before[k] + 0.5F * x[k], 1e-6);
  }
}

TEST(Vectors, TheResidualPassIsDotsThenAxpys) {
  constexpr std::size_t kDim = 37;
  const auto table = draw(5 * kDim, 3);
  const auto x = draw(kDim, 4);
  const std::vector<std::uint32_t> picked = {4, 0, 4};
  const std::vector<float> weights = {1, 2, 0.5F};
  std::vector<float> out(kDim, 1);
  std::vector<double> expected(kDim, 1);
  for (std::size_t k = 0; k < picked.size(); ++k) {
    const auto* row = table.data() + picked[k] * kDim;
    const auto part = weights[k] * (1 - plain_dot(row, x.data(), kDim));
    for (std::size_t d = 0; d < kDim; ++d) expected[d] += part * row[d];
  }
  add_weighted_residual(table.data(), kDim, picked, weights, 1, x.data(), out.data());
  for (std::size_t d = 0; d < kDim; ++d) EXPECT_NEAR(out[d], expected[d], 1e-4);

  std::vector<float> dots(5);
  row_dots(table.data(), 5, kDim, x.data(), dots.data());
  for (std::size_t r = 0; r < 5; ++r) EXPECT_NEAR(dots[r], plain_dot(table.data() + r * kDim, x.data(), kDim), 1e-4);
}

TEST(Vectors, SoftmaxOfEveryLengthAgreesWithThePlainLoop) {
  EXPECT_EQ(softmax(nullptr, 0), -INFINITY);
  for (std::size_t size = 1; size < 70; ++size) {
    auto x = draw(size, size);
    for (auto& value : x) value = 30 * value + 200;
    if (size > 3) x[2] = -INFINITY;
    const auto before = x;
    double sum = 0;
    for (const auto value : before) sum += std::exp(double{value} - 200);
    EXPECT_NEAR(softmax(x.data(), size), std::log(sum) + 200, 1e-4);
    for (std::size_t k = 0; k < size; ++k) EXPECT_NEAR(x[k], std::exp(double{before[k]} - 200) / sum, 1e-6);
  }
  std::vector<float> none(20, -INFINITY);
  EXPECT_EQ(softmax(none.data(), none.size()), -INFINITY);
  EXPECT_EQ(none, std::vector<float>(20, 0));
}

TEST(Linalg, AnInverseTimesItsMatrixIsOne) {
  constexpr std::size_t kSize = 70;  // more than one block of the mirror
  const auto a = draw(200 * kSize, 5);
  std::vector<float> matrix(kSize * kSize, 0);
  gram(200, kSize, a.data(), 0, matrix.data());
  EXPECT_NEAR(matrix[3], plain_dot(a.data(), a.data(), 0) + matrix[3 * kSize], 1e-6);  // both triangles
  auto inverse = matrix;
  ASSERT_TRUE(invert_spd(kSize, inverse.data(), 2).ok());
  std::vector<float> product(kSize * kSize);
  gemm(Transpose::kNo, Transpose::kNo, kSize, kSize, kSize, 1, matrix.data(), inverse.data(), 0, product.data());
  for (std::size_t i = 0; i < kSize; ++i) {
    for (std::size_t j = 0; j < kSize; ++j) EXPECT_NEAR(product[i * kSize + j], i == j ? 1 : 0, 1e-4);
  }
}

TEST(Linalg, AMatrixThatIsNotPositiveDefiniteIsAnError) {
  std::vector<float> matrix = {1, 2, 2, 1};
  EXPECT_FALSE(invert_spd(2, matrix.data()).ok());
  EXPECT_FALSE(Cholesky::of(2, {1, 2, 2, 1}).ok());
}

TEST(Linalg, CholeskySolvesEachRightSide) {
  const auto cholesky = Cholesky::of(2, {4, 1, 1, 3});
  ASSERT_TRUE(cholesky.ok());
  std::vector<double> x = {1, 2, 4, 1};  // of b = (1, 2), then of the first column of A
  cholesky->solve(x, 2);
  EXPECT_NEAR(x[0], 1.0 / 11, 1e-12);
  EXPECT_NEAR(x[1], 7.0 / 11, 1e-12);
  EXPECT_NEAR(x[2], 1, 1e-12);
  EXPECT_NEAR(x[3], 0, 1e-12);
}

TEST(Linalg, EigenvectorsRebuildTheMatrix) {
  const std::vector<double> matrix = {2, 1, 0, 1, 3, 1, 0, 1, 4};
  const auto eigen = symmetric_eigen(3, matrix);
  ASSERT_TRUE(eigen.ok());
  EXPECT_LT(eigen->values[0], eigen->values[2]);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < 3; ++k)
        sum += eigen->values[k] * eigen->vectors[k * 3 + i] * eigen->vectors[k * 3 + j];
      EXPECT_NEAR(sum, matrix[i * 3 + j], 1e-12);
    }
  }
}

TEST(Extremes, AreThoseOfAllNumbersWhereverTheyStand) {
  EXPECT_EQ(extremes({}).most, 0);
  for (const std::size_t size : {1UL, 31UL, 32UL, 33UL, 100UL}) {
    for (std::size_t at = 0; at < size; ++at) {
      std::vector<float> x(size, -2);
      x[at] = -1;
      EXPECT_EQ(extremes(x).most, -1) << size << ", " << at;
      EXPECT_EQ(extremes(x).least, size == 1 ? -1 : -2);
      x[at] = -3;
      EXPECT_EQ(extremes(x).least, -3) << size << ", " << at;
    }
  }
}

}  // namespace
}  // namespace zhiyin
