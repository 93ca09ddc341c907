#include "base/measure/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <utility>

namespace zhiyin {
namespace {

constexpr std::array<std::pair<std::string_view, RankingMetric>, 8> kNames{{
    {"recall", RankingMetric::kRecall},
    {"min_recall", RankingMetric::kMinRecall},
    {"ndcg", RankingMetric::kNdcg},
    {"hr", RankingMetric::kHitRate},
    {"precision", RankingMetric::kPrecision},
    {"map", RankingMetric::kMap},
    {"mrr", RankingMetric::kMrr},
    {"coverage", RankingMetric::kCoverage},
}};

double gain(std::size_t rank) { return 1.0 / std::log2(static_cast<double>(rank) + 1.0); }

double ndcg(std::span<const std::uint8_t> hits, std::size_t possible) {
  double found = 0;
  double ideal = 0;
  for (std::size_t r = 0; r < hits.size(); ++r) found += hits[r] != 0 ? gain(r + 1) : 0.0;
  for (std::size_t r = 0; r < possible; ++r) ideal += gain(r + 1);
  return found / ideal;
}

double average_precision(std::span<const std::uint8_t> hits, std::size_t possible) {
  double sum = 0;
  std::size_t found = 0;
  for (std::size_t r = 0; r < hits.size(); ++r) {
    if (hits[r] == 0) continue;
    ++found;
    sum += static_cast<double>(found) / static_cast<double>(r + 1);
  }
  return sum / static_cast<double>(possible);
}

}  // namespace

std::string MetricKey::text() const {
  const auto name = std::ranges::find(kNames, metric, &std::pair<std::string_view, RankingMetric>::second);
  return fmt::format("{}@{}", name->first, k);
}

Result<MetricKey> parse_metric_key(std::string_view text) {
  const auto at = text.find('@');
  const auto name = text.substr(0, at);
  const auto known = std::ranges::find(kNames, name, &std::pair<std::string_view, RankingMetric>::first);
  MetricKey key;
  const auto digits = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), key.k);
  const bool is_cut = error == std::errc{} && end == digits.data() + digits.size() && key.k > 0;
  if (known == kNames.end() || !is_cut) {
    std::string names;
    for (const auto& [known_name, metric] : kNames) names += fmt::format("{}{}", names.empty() ? "" : ", ", known_name);
    return invalid(
        fmt::format("metric \"{}\" is not known: write one of {} with a cut-off, such as ndcg@100", text, names));
  }
  key.metric = known->second;
  return key;
}

Result<std::vector<MetricKey>> parse_metric_keys(std::string_view text) {
  std::vector<MetricKey> keys;
  while (true) {
    const auto comma = text.find(',');
    ZY_TRY(auto key, parse_metric_key(text.substr(0, comma)));
    if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
    if (comma == std::string_view::npos) return keys;
    text.remove_prefix(comma + 1);
  }
}

double metric_of_list(MetricKey key, std::span<const std::uint8_t> hits, std::size_t relevant) {
  assert(relevant > 0 && key.k > 0);
  hits = hits.first(std::min(hits.size(), key.k));
  const auto possible = std::min(key.k, relevant);
  const auto found = static_cast<double>(std::ranges::count_if(hits, [](auto hit) { return hit != 0; }));
  switch (key.metric) {
    case RankingMetric::kRecall: return found / static_cast<double>(relevant);
    case RankingMetric::kMinRecall: return found / static_cast<double>(possible);
    case RankingMetric::kNdcg: return ndcg(hits, possible);
    case RankingMetric::kHitRate: return found > 0 ? 1.0 : 0.0;
    case RankingMetric::kPrecision: return found / static_cast<double>(key.k);
    case RankingMetric::kMap: return average_precision(hits, possible);
    case RankingMetric::kMrr: {
      const auto first = std::ranges::find_if(hits, [](auto hit) { return hit != 0; });
      return first == hits.end() ? 0.0 : 1.0 / static_cast<double>(first - hits.begin() + 1);
    }
    case RankingMetric::kCoverage: break;
  }
  assert(false && "coverage is not a value of one user");
  return 0.0;
}

void mark_hits(std::span<const std::uint32_t> ranked, std::span<const std::uint32_t> relevant,
               std::vector<std::uint8_t>& hits) {
  hits.resize(ranked.size());
  std::ranges::transform(ranked, hits.begin(), [&](std::uint32_t item) {
    return static_cast<std::uint8_t>(std::ranges::binary_search(relevant, item));
  });
}

double coverage_of_lists(std::span<const std::vector<std::uint32_t>> lists, std::size_t k, std::size_t items) {
  if (items == 0) return 0.0;
  std::vector<std::uint8_t> shown(items, 0);
  for (const auto& list : lists) {
    for (const auto item : std::span(list).first(std::min(k, list.size()))) shown[item] = 1;
  }
  return static_cast<double>(std::ranges::count(shown, 1)) / static_cast<double>(items);
}

}  // namespace zhiyin
