#include "base/measure/chances.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

namespace zhiyin {

double auc(std::span<const float> scores, std::span<const float> labels) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t k) { return scores[k]; });
  double rank_sum = 0;  // of the yes
  double yes = 0;
  for (std::size_t begin = 0; begin < order.size();) {
    auto end = begin;
    while (end < order.size() && scores[order[end]] == scores[order[begin]]) ++end;
    const double midrank = (static_cast<double>(begin) + static_cast<double>(end) + 1) / 2;
    for (auto k = begin; k < end; ++k) {
      rank_sum += labels[order[k]] * midrank;
      yes += labels[order[k]];
    }
    begin = end;
  }
  const double no = static_cast<double>(scores.size()) - yes;
  if (yes == 0 || no == 0) return std::numeric_limits<double>::quiet_NaN();
  return (rank_sum - yes * (yes + 1) / 2) / (yes * no);
}

double grouped_auc(std::span<const float> scores, std::span<const float> labels, std::span<const std::uint32_t> users) {
  std::map<std::uint32_t, std::pair<std::vector<float>, std::vector<float>>> groups;
  for (std::size_t k = 0; k < scores.size(); ++k) {
    groups[users[k]].first.push_back(scores[k]);
    groups[users[k]].second.push_back(labels[k]);
  }
  double sum = 0;
  double rows = 0;
  for (const auto& [user, group] : groups) {
    const double own = auc(group.first, group.second);
    if (std::isnan(own)) continue;
    sum += own * static_cast<double>(group.first.size());
    rows += static_cast<double>(group.first.size());
  }
  return rows == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / rows;
}

double log_loss(std::span<const float> chances, std::span<const float> labels) {
  double sum = 0;
  for (std::size_t k = 0; k < chances.size(); ++k) {
    const double p = std::clamp(double{chances[k]}, 1e-7, 1 - 1e-7);
    sum -= labels[k] * std::log(p) + (1 - labels[k]) * std::log(1 - p);
  }
  return sum / static_cast<double>(chances.size());
}

double calibration_error(std::span<const float> chances, std::span<const float> labels, std::size_t bins) {
  struct Bin {
    double chance = 0;
    double label = 0;
  };
  std::vector<Bin> all(bins);
  for (std::size_t k = 0; k < chances.size(); ++k) {
    const auto place = static_cast<std::size_t>(std::clamp(chances[k], 0.0F, 1.0F) * static_cast<float>(bins));
    auto& bin = all[std::min(place, bins - 1)];
    bin.chance += chances[k];
    bin.label += labels[k];
  }
  double error = 0;
  for (const auto& bin : all) error += std::abs(bin.label - bin.chance);
  return error / static_cast<double>(chances.size());
}

}  // namespace zhiyin
