#include "base/measure/metrics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace zhiyin {
namespace {

double value(std::string_view key, std::vector<std::uint8_t> hits, std::size_t relevant) {
  return metric_of_list(parse_metric_key(key).value(), hits, relevant);
}

// The list of the hand-computed cases: relevant items at ranks 2 and 5, four relevant items in all.
const std::vector<std::uint8_t> kHits{0, 1, 0, 0, 1, 0};

TEST(Metrics, RecallDividesByAllRelevantItems) {
  EXPECT_DOUBLE_EQ(value("recall@5", kHits, 4), 2.0 / 4);
  EXPECT_DOUBLE_EQ(value("recall@2", kHits, 4), 1.0 / 4);
}

TEST(Metrics, MinRecallDividesByWhatFitsInTheList) {
  EXPECT_DOUBLE_EQ(value("min_recall@2", kHits, 4), 1.0 / 2);
  EXPECT_DOUBLE_EQ(value("min_recall@5", kHits, 4), 2.0 / 4);
}

TEST(Metrics, NdcgDividesByTheBestListOfThatLength) {
  const double found = 1 / std::log2(3.0) + 1 / std::log2(6.0);
  const double ideal = 1 + 1 / std::log2(3.0) + 1 / std::log2(4.0) + 1 / std::log2(5.0);
  EXPECT_DOUBLE_EQ(value("ndcg@5", kHits, 4), found / ideal);
  EXPECT_DOUBLE_EQ(value("ndcg@1", kHits, 4), 0);
  EXPECT_DOUBLE_EQ(value("ndcg@2", kHits, 1), 1 / std::log2(3.0));
}

TEST(Metrics, HitRateAsksForAnyHit) {
  EXPECT_DOUBLE_EQ(value("hr@1", kHits, 4), 0);
  EXPECT_DOUBLE_EQ(value("hr@2", kHits, 4), 1);
}

TEST(Metrics, PrecisionDividesByTheCutEvenWhenTheListIsShort) {
  EXPECT_DOUBLE_EQ(value("precision@5", kHits, 4), 2.0 / 5);
  EXPECT_DOUBLE_EQ(value("precision@10", kHits, 4), 2.0 / 10);
}

TEST(Metrics, MapAveragesPrecisionAtTheHits) {
  EXPECT_DOUBLE_EQ(value("map@5", kHits, 4), (1.0 / 2 + 2.0 / 5) / 4);
  EXPECT_DOUBLE_EQ(value("map@2", kHits, 4), (1.0 / 2) / 2);
}

TEST(Metrics, MrrLooksAtTheFirstHit) {
  EXPECT_DOUBLE_EQ(value("mrr@5", kHits, 4), 1.0 / 2);
  EXPECT_DOUBLE_EQ(value("mrr@1", kHits, 4), 0);
}

TEST(Metrics, CoverageCountsItemsShownToAnybody) {
  const std::vector<std::vector<std::uint32_t>> lists{{0, 1, 2}, {1, 0, 3}, {}};
  EXPECT_DOUBLE_EQ(coverage_of_lists(lists, 1, 8), 2.0 / 8);
  EXPECT_DOUBLE_EQ(coverage_of_lists(lists, 3, 8), 4.0 / 8);
}

TEST(Metrics, MarksWhatIsRelevant) {
  std::vector<std::uint8_t> hits;
  mark_hits(std::vector<std::uint32_t>{7, 3, 5}, std::vector<std::uint32_t>{3, 7}, hits);
  EXPECT_EQ(hits, (std::vector<std::uint8_t>{1, 1, 0}));
}

TEST(Metrics, AllLieBetweenNoneAndAPerfectList) {
  Random random(3);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::uint8_t> hits(random.below(30));
    std::size_t found = 0;
    for (auto& hit : hits) found += hit = static_cast<std::uint8_t>(random.below(2));
    const auto relevant = found + 1 + random.below(5);
    const std::vector<std::uint8_t> perfect(30, 1);
    for (const auto* name : {"recall", "min_recall", "ndcg", "hr", "precision", "map", "mrr"}) {
      const auto key = std::string(name) + "@" + std::to_string(1 + random.below(25));
      EXPECT_GE(value(key, hits, relevant), 0) << key;
      EXPECT_LE(value(key, hits, relevant), value(key, perfect, relevant) + 1e-12) << key;
      EXPECT_LE(value(key, perfect, 30), 1 + 1e-12) << key;
    }
  }
}

TEST(Metrics, KeysReadBackAsTheyAreWritten) {
  for (const auto* text :
       {"recall@20", "min_recall@50", "ndcg@100", "hr@10", "precision@5", "map@10", "mrr@10", "coverage@100"}) {
    EXPECT_EQ(parse_metric_key(text).value().text(), text);
  }
  EXPECT_EQ(parse_metric_keys("ndcg@10,hr@10,ndcg@10").value().size(), 2U);
}

TEST(Metrics, UnknownKeysAreRefusedWithTheKnownOnes) {
  for (const auto* text : {"", "ndcg", "ndcg@", "ndcg@0", "ndcg@-1", "ndcg@10x", "accuracy@10", "@10"}) {
    const auto key = parse_metric_key(text);
    ASSERT_FALSE(key.ok()) << text;
    EXPECT_NE(key.error().message.find("min_recall"), std::string::npos);
  }
  EXPECT_FALSE(parse_metric_keys("ndcg@10,").ok());
}

}  // namespace
}  // namespace zhiyin
