// Quality of a ranked list, by the names that our tables use. Relevance is binary; ranks start at 1.
//
// The denominators differ between papers and are seldom named; here each has its own name:
//   recall@K      hits / all relevant items             min_recall@K  hits / min(K, relevant)   (Liang et al. 2018)
//   precision@K   hits / K                              hr@K          1 if there is any hit
//   ndcg@K        DCG / ideal DCG, gain 1/log2(rank+1), ideal over min(K, relevant)   (Järvelin and Kekäläinen 2002)
//   map@K         sum of precision at each hit / min(K, relevant)
//   mrr@K         1 / rank of the first hit, else 0
//   coverage@K    share of all items that stand in the first K of any list (over users together, so not a mean)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace zhiyin {

enum class RankingMetric { kRecall, kMinRecall, kNdcg, kHitRate, kPrecision, kMap, kMrr, kCoverage };

// A metric and its cut-off, written "ndcg@100".
struct MetricKey {
  RankingMetric metric = RankingMetric::kNdcg;
  std::size_t k = 100;

  bool operator==(const MetricKey&) const = default;
  [[nodiscard]] std::string text() const;
  // Whether it is a value of each user (all but coverage), so that means, intervals and tests over users make sense.
  [[nodiscard]] bool per_user() const { return metric != RankingMetric::kCoverage; }
};

// "ndcg@100", or several joined by commas. An error names the known metrics.
Result<MetricKey> parse_metric_key(std::string_view text);
Result<std::vector<MetricKey>> parse_metric_keys(std::string_view text);

// One user's value. hits[r] != 0 says that the item at rank r+1 is relevant; a list shorter than K counts as misses
// from there on. relevant > 0 is the number of items that could have been hit. The key must be per_user().
double metric_of_list(MetricKey key, std::span<const std::uint8_t> hits, std::size_t relevant);

// Marks which of `ranked` are in `relevant` (ascending).
void mark_hits(std::span<const std::uint32_t> ranked, std::span<const std::uint32_t> relevant,
               std::vector<std::uint8_t>& hits);

// coverage@k of these lists of positions below `items`.
double coverage_of_lists(std::span<const std::vector<std::uint32_t>> lists, std::size_t k, std::size_t items);

}  // namespace zhiyin
