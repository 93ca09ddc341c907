#include "state/index/index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/random.h"

namespace zhiyin {
namespace {

std::vector<std::uint32_t> rows_of(const std::vector<Neighbour>& neighbours) {
  std::vector<std::uint32_t> rows;
  for (const auto& neighbour : neighbours) rows.push_back(neighbour.row);
  return rows;
}

TEST(FlatIndex, FindsTheNearestByAngleNotByLength) {
  const std::vector<float> rows = {10, 0, /**/ 1, 1, /**/ 0, 3, /**/ -1, 0};
  const FlatIndex index(rows, 2);
  const auto found = index.search(std::vector<float>{0.1F, 5}, 3);
  EXPECT_EQ(rows_of(found), (std::vector<std::uint32_t>{2, 1, 0}));
  EXPECT_NEAR(found[0].similarity, 1.0, 1e-3);
}

TEST(FlatIndex, RowsOfZerosAreNeverFound) {
  const std::vector<float> rows = {0, 0, /**/ 1, 0, /**/ 0, 1, /**/ -1, 0};
  const FlatIndex index(rows, 2);
  EXPECT_EQ(rows_of(index.search(std::vector<float>{1, 0}, 10)), (std::vector<std::uint32_t>{1, 2, 3}));
}

TEST(FlatIndex, AQueryWithoutDirectionFindsNothing) {
  const FlatIndex index(std::vector<float>{1, 0, 0, 1}, 2);
  EXPECT_TRUE(index.search(std::vector<float>{0, 0}, 5).empty());
  EXPECT_TRUE(index.search(std::vector<float>{std::nanf(""), 1}, 5).empty());
  EXPECT_TRUE(index.search(std::vector<float>{1, 0}, 0).empty());
}

TEST(FlatIndex, RowsThatAreNotFiniteCountAsZeros) {
  const FlatIndex index(std::vector<float>{std::numeric_limits<float>::infinity(), 0, 0, 1}, 2);
  EXPECT_EQ(rows_of(index.search(std::vector<float>{1, 1}, 5)), (std::vector<std::uint32_t>{1}));
}

TEST(FlatIndex, TiesGoToTheLowerRow) {
  const FlatIndex index(std::vector<float>{1, 0, 2, 0, 3, 0}, 2);
  EXPECT_EQ(rows_of(index.search(std::vector<float>{1, 0}, 2)), (std::vector<std::uint32_t>{0, 1}));
}

TEST(FlatIndex, AnEmptyIndexFindsNothing) {
  const FlatIndex index({}, 3);
  EXPECT_EQ(index.size(), 0U);
  EXPECT_TRUE(index.search(std::vector<float>{1, 0, 0}, 5).empty());
}

TEST(FlatIndex, AgreesWithAFullSort) {
  constexpr std::size_t kRows = 500, kDim = 37, kNeighbours = 25;
  Random random(7);
  std::vector<float> rows(kRows * kDim), query(kDim);
  for (auto& x : rows) x = random.normal();
  for (auto& x : query) x = random.normal();
  const auto cosine = [&](std::uint32_t row) {
    double product = 0, length = 0;
    for (std::size_t d = 0; d < kDim; ++d) {
      product += double{rows[row * kDim + d]} * query[d];
      length += double{rows[row * kDim + d]} * rows[row * kDim + d];
    }
    return product / std::sqrt(length);
  };
  std::vector<std::uint32_t> sorted(kRows);
  for (std::uint32_t row = 0; row < kRows; ++row) sorted[row] = row;
  std::ranges::sort(sorted, std::ranges::greater(), cosine);
  sorted.resize(kNeighbours);
  EXPECT_EQ(rows_of(FlatIndex(rows, kDim).search(query, kNeighbours)), sorted);
}

}  // namespace
}  // namespace zhiyin
