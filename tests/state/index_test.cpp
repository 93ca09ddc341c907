#include "state/index/cosine_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/kernels/vectors.h"
#include "base/random.h"
#include "state/index/choose.h"
#include "state/index/cluster_index.h"
#include "state/index/faiss/faiss_index.h"
#include "state/index/scan_index.h"

namespace zhiyin {
namespace {

std::vector<std::uint32_t> rows_of(const std::vector<Near>& neighbours) {
  std::vector<std::uint32_t> rows;
  for (const auto& neighbour : neighbours) rows.push_back(neighbour.row);
  return rows;
}

TEST(CosineIndex, FindsTheNearestByAngleNotByLength) {
  const std::vector<float> rows = {10, 0, /**/ 1, 1, /**/ 0, 3, /**/ -1, 0};
  const CosineIndex index(rows, 2);
  const auto found = index.search(std::vector<float>{0.1F, 5}, 3);
  EXPECT_EQ(rows_of(found), (std::vector<std::uint32_t>{2, 1, 0}));
  EXPECT_NEAR(found[0].similarity, 1.0, 1e-3);
}

TEST(CosineIndex, RowsOfZerosAreNeverFound) {
  const std::vector<float> rows = {0, 0, /**/ 1, 0, /**/ 0, 1, /**/ -1, 0};
  const CosineIndex index(rows, 2);
  EXPECT_EQ(rows_of(index.search(std::vector<float>{1, 0}, 10)), (std::vector<std::uint32_t>{1, 2, 3}));
}

TEST(CosineIndex, AQueryWithoutDirectionFindsNothing) {
  const CosineIndex index(std::vector<float>{1, 0, 0, 1}, 2);
  EXPECT_TRUE(index.search(std::vector<float>{0, 0}, 5).empty());
  EXPECT_TRUE(index.search(std::vector<float>{std::nanf(""), 1}, 5).empty());
  EXPECT_TRUE(index.search(std::vector<float>{1, 0}, 0).empty());
}

TEST(CosineIndex, RowsThatAreNotFiniteCountAsZeros) {
  const CosineIndex index(std::vector<float>{std::numeric_limits<float>::infinity(), 0, 0, 1}, 2);
  EXPECT_EQ(rows_of(index.search(std::vector<float>{1, 1}, 5)), (std::vector<std::uint32_t>{1}));
}

TEST(CosineIndex, TiesGoToTheLowerRow) {
  const CosineIndex index(std::vector<float>{1, 0, 2, 0, 3, 0}, 2);
  EXPECT_EQ(rows_of(index.search(std::vector<float>{1, 0}, 2)), (std::vector<std::uint32_t>{0, 1}));
}

TEST(CosineIndex, AnEmptyIndexFindsNothing) {
  const CosineIndex index(std::vector<float>{}, 3);
  EXPECT_EQ(index.size(), 0U);
  EXPECT_TRUE(index.search(std::vector<float>{1, 0, 0}, 5).empty());
}

TEST(CosineIndex, AgreesWithAFullSort) {
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
  EXPECT_EQ(rows_of(CosineIndex(rows, kDim).search(query, kNeighbours)), sorted);
}

TEST(CosineIndex, RowsAskedTogetherFindWhatTheyFindAlone) {
  constexpr std::size_t kRows = 300, kDim = 20;
  Random random(3);
  std::vector<float> rows(kRows * kDim);
  for (auto& x : rows) x = random.normal();
  const CosineIndex index(rows, kDim);
  const std::vector<std::uint32_t> asked = {0, 17, 18, 299, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 20};
  const auto together = index.search_rows(asked, 7);
  for (std::size_t k = 0; k < asked.size(); ++k) {
    EXPECT_EQ(rows_of(together[k]), rows_of(index.search(index.row(asked[k]), 7))) << k;
    EXPECT_EQ(together[k].front().row, asked[k]);
  }
}

// Random directions with lengths that differ, or the same gathered in clusters so tight that eight bits cannot tell
// neighbours apart.
std::vector<float> some_rows(std::size_t count, std::size_t dim, bool clustered, Random& random) {
  constexpr std::size_t kClusters = 7;
  std::vector<float> centres(kClusters * dim);
  for (auto& x : centres) x = random.normal();
  std::vector<float> rows(count * dim);
  for (std::size_t row = 0; row < count; ++row) {
    const float length = std::exp(random.normal());
    for (std::size_t d = 0; d < dim; ++d) {
      const float own = random.normal();
      rows[row * dim + d] = length * (clustered ? centres[row % kClusters * dim + d] + 0.002F * own : own);
    }
  }
  return rows;
}

std::vector<std::uint32_t> brute_force(const VectorRows& rows, const Query& query, std::size_t k) {
  std::vector<Near> all;
  for (std::uint32_t row = 0; row < rows.size(); ++row) {
    const auto values = rows.row(row);
    const bool zeros = std::ranges::all_of(values, [](float x) { return x == 0; });
    if (zeros || (query.allowed != nullptr && !(*query.allowed)[row])) continue;
    all.push_back({row, dot(query.vector, values)});
  }
  std::ranges::sort(all, nearer);
  if (all.size() > k) all.resize(k);
  return rows_of(all);
}

class EveryScanPath : public testing::TestWithParam<ScanPath> {};

TEST_P(EveryScanPath, FindsExactlyWhatFloatArithmeticOverAllRowsFinds) {
  Random random(11);
  for (const bool clustered : {false, true}) {
    for (const auto& [count, dim] : {std::pair{1UL, 3UL}, {15UL, 1UL}, {16UL, 4UL}, {17UL, 64UL}, {5000UL, 37UL}}) {
      auto values = some_rows(count, dim, clustered, random);
      if (count > 10) std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(9 * dim), dim, 0.0F);
      const ScanIndex index(VectorRows(values, dim), 2, GetParam());
      Bitmap half(count);
      Bitmap few(count);
      for (std::size_t row = 0; row < count; ++row) {
        if (random.below(2) == 0) half.set(row);
        if (random.below(100) == 0) few.set(row);
      }
      std::vector<std::vector<float>> vectors(60, std::vector<float>(dim));
      std::vector<Query> queries;
      for (std::size_t q = 0; q < vectors.size(); ++q) {
        for (std::size_t d = 0; d < dim; ++d) vectors[q][d] = values[q % count * dim + d] + 0.1F * random.normal();
        queries.push_back({vectors[q], q % 3 == 0 ? nullptr : q % 3 == 1 ? &half : &few});
      }
      for (const std::size_t k : {1UL, 10UL, 100UL}) {
        const auto found = index.search(queries, k);
        for (std::size_t q = 0; q < queries.size(); ++q) {
          ASSERT_EQ(rows_of(found[q]), brute_force(index.rows(), queries[q], k))
              << count << " x " << dim << ", k " << k << ", query " << q << ", clustered " << clustered;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Paths, EveryScanPath, testing::ValuesIn(scan_paths().begin(), scan_paths().end()),
                         [](const auto& path) {
                           std::string name(to_string(path.param));
                           std::erase(name, '-');
                           return name;
                         });

TEST(ScanIndex, LooksAtATableInAnotherOrderAndWithRowsThatItLacks) {
  const std::vector<float> table = {1, 0, /**/ 0, 1};
  const VectorRows rows(table, 2, nullptr, {VectorRows::kNowhere, 1, 0, VectorRows::kNowhere});
  const ScanIndex index(rows);
  EXPECT_EQ(rows_of(index.search(Query{std::vector<float>{2, 1}}, 5)), (std::vector<std::uint32_t>{2, 1}));
}

// Rows in tight clusters of 50, and one query near each of the first 40.
struct Gathered {
  VectorRows rows;
  std::vector<std::vector<float>> vectors;
  std::vector<Query> queries;
  std::vector<std::vector<Near>> exact;

  explicit Gathered(std::size_t k) {
    constexpr std::size_t kClusters = 60, kEach = 50, kDim = 16;
    Random random(5);
    std::vector<float> values;
    for (std::size_t c = 0; c < kClusters; ++c) {
      std::vector<float> centre(kDim);
      for (auto& x : centre) x = random.normal();
      for (std::size_t i = 0; i < kEach; ++i) {
        for (const float x : centre) values.push_back(x + 0.3F * random.normal());
      }
    }
    rows = unit_rows(std::move(values), kDim);
    for (std::size_t q = 0; q < 40; ++q) vectors.emplace_back(rows.row(q * kEach).begin(), rows.row(q * kEach).end());
    for (const auto& vector : vectors) queries.push_back({vector});
    exact = ScanIndex(rows).search(queries, k);
  }
};

TEST(ClusterIndex, HoldsTheGoalOfRecallWithoutLookingAtEverything) {
  const Gathered world(20);
  ClusterIndex index(world.rows, {.rows_each = 50});
  const auto measured = index.tune(world.queries, 20, 0.98);
  EXPECT_GE(measured, 0.98);
  EXPECT_LT(index.probes(), index.clusters() / 2);
  EXPECT_DOUBLE_EQ(recall(index.search(world.queries, 20), world.exact), measured);
}

TEST(ClusterIndex, KeepsTogetherWhatBelongsTogetherThoughNoiseIsAsLongAsTheCentre) {
  constexpr std::size_t kCentres = 100, kEach = 100, kDim = 64, kNeighbours = 20;
  Random random(9);
  std::vector<float> centres(kCentres * kDim);
  for (auto& x : centres) x = random.normal();
  std::vector<float> values;
  for (std::size_t row = 0; row < kCentres * kEach; ++row) {
    for (std::size_t d = 0; d < kDim; ++d) values.push_back(centres[row % kCentres * kDim + d] + random.normal());
  }
  const auto rows = unit_rows(std::move(values), kDim);
  std::vector<Query> queries;
  for (std::size_t row = 0; row < 60; ++row) queries.push_back({rows.row(row)});
  ClusterIndex index(rows, {.rows_each = 64});
  const auto measured = index.tune(queries, kNeighbours, 0.98);
  EXPECT_GE(measured, 0.98);
  EXPECT_LE(index.probes(), index.clusters() / 8);
  EXPECT_DOUBLE_EQ(recall(index.search(queries, kNeighbours), ScanIndex(rows).search(queries, kNeighbours)), measured);
}

TEST(ClusterIndex, LooksAtAllClustersWhereNothingLessHoldsTheGoal) {
  const Gathered world(20);
  ClusterIndex index(world.rows, {.rows_each = 50});
  EXPECT_EQ(index.tune(world.queries, 20, 1.5), 1);
  const auto found = index.search(world.queries, 20);
  for (std::size_t q = 0; q < found.size(); ++q) EXPECT_EQ(rows_of(found[q]), rows_of(world.exact[q]));
}

TEST(ClusterIndex, AFilterThatLeavesLittleNearbyGoesOnToFartherClusters) {
  const Gathered world(20);
  ClusterIndex index(world.rows, {.rows_each = 50});
  index.tune(world.queries, 20, 0.98);
  Bitmap allowed(world.rows.size());
  for (std::size_t row = 0; row < world.rows.size(); row += 10) allowed.set(row);
  const auto found = index.search(Query{world.vectors[0], &allowed}, 150);
  ASSERT_EQ(found.size(), 150U);
  for (const auto& near : found) EXPECT_EQ(near.row % 10, 0U);
}

TEST(ChooseIndex, ASmallTableIsScannedAndClustersServeALargeOneOnlyWhenTheyHoldTheGoal) {
  const Gathered world(20);
  const auto like_a_row = [](std::uint32_t row, const VectorIndex& exact) {
    const auto values = exact.rows().row(row);
    return std::vector<float>(values.begin(), values.end());
  };
  EXPECT_EQ(choose_index(world.rows, like_a_row, {})->kind(), "scan");
  // A goal beyond 1 is never held.
  EXPECT_EQ(choose_index(world.rows, like_a_row, {.approximate_from = 1000, .recall_goal = 1.5, .k = 20})->kind(),
            "scan");
}

TEST(CosineIndex, WhatIsKeptIsWhatWasFound) {
  const Gathered world(20);
  const CosineIndex keeping(std::make_unique<ScanIndex>(world.rows), 2);
  const std::vector<std::uint32_t> asked = {0, 50, 100};
  for (int again = 0; again < 2; ++again) {
    for (const std::size_t k : {20UL, 7UL, 25UL}) {
      const auto found = keeping.search_rows(asked, k);
      for (std::size_t r = 0; r < asked.size(); ++r)
        EXPECT_EQ(rows_of(found[r]), rows_of(keeping.search(keeping.row(asked[r]), k)));
    }
  }
}

class EveryFaissKind : public testing::TestWithParam<FaissKind> {};

TEST_P(EveryFaissKind, FindsNearlyWhatTheScanFindsAndNothingThatIsNotAllowed) {
  const Gathered world(20);
  const auto built = FaissIndex::build(world.rows, GetParam(), 1);
  ASSERT_TRUE(built.ok()) << built.error().message;
  auto& index = **built;
  EXPECT_GE(index.tune(world.queries, world.exact, 20, 0.9), 0.9);
  Bitmap odd(world.rows.size());
  for (std::size_t row = 1; row < world.rows.size(); row += 2) odd.set(row);
  const auto found = index.search(Query{world.vectors[0], &odd}, 20);
  ASSERT_EQ(found.size(), 20U);
  for (const auto& near : found) EXPECT_EQ(near.row % 2, 1U);
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryFaissKind, testing::Values(FaissKind::kIvf, FaissKind::kIvfPq, FaissKind::kHnsw));

}  // namespace
}  // namespace zhiyin
