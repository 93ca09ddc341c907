#include "base/measure/sampled_rank.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/measure/kendall.h"
#include "base/random.h"

namespace zhiyin {
namespace {

std::vector<double> ndcg_at_10(std::size_t ranks) {
  std::vector<double> metric(ranks, 0.0);
  for (std::size_t r = 1; r <= 10; ++r) metric[r - 1] = 1 / std::log2(static_cast<double>(r) + 1);
  return metric;
}

// The mean of x[S] over random draws of `sampled` of the other items, for relevant items at these ranks.
double estimate(const std::vector<double>& x, std::size_t candidates, std::size_t sampled,
                const std::vector<std::size_t>& ranks) {
  Random random(5);
  double sum = 0;
  for (const auto rank : ranks) {
    std::size_t better = 0;
    std::size_t left = candidates - 1;
    std::size_t better_left = rank - 1;
    for (std::size_t draw = 0; draw < sampled; ++draw, --left) {
      if (random.below(static_cast<std::uint32_t>(left)) >= better_left) continue;
      ++better;
      --better_left;
    }
    sum += x[better];
  }
  return sum / static_cast<double>(ranks.size());
}

TEST(SampledRank, WhereAllAreDrawnTheRankIsTheRank) {
  const auto metric = ndcg_at_10(30);
  const auto x = corrected_metric(metric, 29, 0.01);
  for (std::size_t r = 0; r < 30; ++r) EXPECT_NEAR(x[r], metric[r], 1e-9) << r;
}

TEST(SampledRank, OverUniformRanksTheMeanIsThatOfTheMetricWhateverTheTradeOff) {
  const auto metric = ndcg_at_10(500);
  for (const double trade_off : {0.01, 0.1, 1.0}) {
    const auto x = corrected_metric(metric, 99, trade_off);
    // Uniform ranks make uniform sampled ranks.
    EXPECT_NEAR(std::accumulate(x.begin(), x.end(), 0.0) / 100,
                std::accumulate(metric.begin(), metric.end(), 0.0) / 500, 1e-9);
  }
}

TEST(SampledRank, RanksThatCrowdAtTheTopAreEstimatedFarBetterThanBySampling) {
  const auto metric = ndcg_at_10(1000);
  std::vector<std::size_t> ranks;
  Random random(3);
  for (int i = 0; i < 40000; ++i)
    ranks.push_back(1 + static_cast<std::size_t>(1000 * std::pow(random.uniform(), 3) * 0.999));
  double full = 0;
  for (const auto rank : ranks) full += metric[rank - 1] / 40000.0;
  const auto plain = ndcg_at_10(100);
  const double sampled = estimate(plain, 1000, 99, ranks);
  const double corrected = estimate(corrected_metric(metric, 99, 0.01), 1000, 99, ranks);
  EXPECT_GT(std::abs(sampled - full), 0.1);
  EXPECT_LT(std::abs(corrected - full), 0.02);
}

TEST(Kendall, OneForTheSameOrderMinusOneForItsReverseAndTiesCountForNeither) {
  const std::vector<double> a = {1, 2, 3, 4};
  EXPECT_DOUBLE_EQ(kendall_tau(a, std::vector<double>{10, 20, 30, 40}), 1);
  EXPECT_DOUBLE_EQ(kendall_tau(a, std::vector<double>{4, 3, 2, 1}), -1);
  EXPECT_DOUBLE_EQ(kendall_tau(a, std::vector<double>{1, 2, 4, 3}), 4.0 / 6);  // five pairs agree, one does not
  EXPECT_DOUBLE_EQ(kendall_tau(a, std::vector<double>{1, 1, 2, 3}), 5 / std::sqrt(30.0));
  EXPECT_DOUBLE_EQ(kendall_tau(a, std::vector<double>{7, 7, 7, 7}), 0);
}

}  // namespace
}  // namespace zhiyin
