#include "match/registry/blend_search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>

#include "base/measure/metrics.h"
#include "base/measure/top_k.h"
#include "base/random.h"
#include "base/threads.h"
#include "match/standard_score.h"

namespace zhiyin {
namespace {

constexpr std::array<float, 5> kWeights = {0.1F, 0.2F, 0.4F, 0.7F, 1.0F};  // tried beside what is chosen already
constexpr std::size_t kMostParts = 5;
constexpr double kShareHeld = 0.1;

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Whether b's mean is above a's by more than the standard error of their difference, user by user.
bool clearly_above(std::span<const double> b, std::span<const double> a) {
  const auto users = static_cast<double>(a.size());
  const double gain = mean_of(b) - mean_of(a);
  double variance = 0;
  for (std::size_t u = 0; u < a.size(); ++u) variance += (b[u] - a[u] - gain) * (b[u] - a[u] - gain) / users;
  return gain > std::sqrt(variance / users);
}

}  // namespace

std::vector<Withheld> BlendSearch::withhold(const Interactions& interactions, bool last, std::size_t most,
                                            std::uint64_t seed, Interactions& rest) {
  Random random(seed, 11);
  std::vector<UserIndex> askable;
  for (UserIndex user = 0; user < interactions.users(); ++user) {
    if (interactions.row(user).size() >= 2) askable.push_back(user);
  }
  for (std::size_t k = 0; k < std::min(most, askable.size()); ++k)
    std::swap(askable[k], askable[k + random.below(static_cast<std::uint32_t>(askable.size() - k))]);
  askable.resize(std::min(most, askable.size()));
  std::vector<bool> asked(interactions.users(), false);
  for (const auto user : askable) asked[user] = true;

  std::vector<Withheld> users;
  std::vector<Interaction> cells;
  for (UserIndex user = 0; user < interactions.users(); ++user) {
    const auto order = interactions.in_order(user);
    const auto row = interactions.row(user);
    Withheld held;
    for (std::size_t k = 0; k < order.size(); ++k) {
      const auto at = static_cast<std::size_t>(std::ranges::lower_bound(row, order[k]) - row.begin());
      const bool newest = k + 1 == order.size();
      const bool keep_one = newest && held.history.items.empty();
      if (asked[user] && !keep_one && (last ? newest : random.uniform() < kShareHeld)) {
        held.asked.push_back(order[k]);
        continue;
      }
      held.history.items.push_back(order[k]);
      held.history.weights.push_back(interactions.weights(user)[at]);
      held.history.times.push_back(interactions.times(user)[at]);
      cells.push_back({user, order[k], held.history.weights.back(), held.history.times.back()});
    }
    std::ranges::sort(held.asked);
    if (!held.asked.empty()) users.push_back(std::move(held));
  }
  rest = Interactions::from(cells, interactions.users(), interactions.items());
  return users;
}

void BlendSearch::gather(const Model& candidate, int threads) {
  parallel_for(users_.size(), 16, threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<float> scores(candidate.items());
    std::vector<std::uint32_t> best;
    for (auto u = begin; u < end; ++u) {
      auto known = users_[u].history.items;
      std::ranges::sort(known);
      candidate.score(users_[u].history, scores);
      top_k(scores, known, kContenders, best);
      auto& all = contenders_[u];
      all.insert(all.end(), best.begin(), best.end());
      std::ranges::sort(all);
      all.erase(std::ranges::unique(all).begin(), all.end());
    }
  });
}

void BlendSearch::listen(const Model& candidate, int threads) {
  auto& heard = candidates_.emplace_back(users_.size());
  parallel_for(users_.size(), 16, threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<float> scores(candidate.items());
    for (auto u = begin; u < end; ++u) {
      candidate.score(users_[u].history, scores);
      const auto scale = static_cast<float>(standard_scale(scores).factor);
      for (const auto item : contenders_[u]) heard[u].push_back(scale * scores[item]);
    }
  });
}

std::vector<double> BlendSearch::quality(const CandidateScores& blend) const {
  constexpr MetricKey kQuality{RankingMetric::kNdcg, 20};
  std::vector<double> values(users_.size());
  std::vector<std::uint32_t> best;
  std::vector<std::uint8_t> hits;
  for (std::size_t u = 0; u < users_.size(); ++u) {
    top_k(blend[u], {}, kQuality.k, best);
    for (auto& place : best) place = contenders_[u][place];
    mark_hits(best, users_[u].asked, hits);
    values[u] = metric_of_list(kQuality, hits, users_[u].asked.size());
  }
  return values;
}

std::vector<BlendSearch::Chosen> BlendSearch::choose(std::vector<double>* means) const {
  std::vector<Chosen> chosen;
  CandidateScores blend;
  std::vector<double> now;
  std::vector<std::vector<double>> alone;
  for (std::size_t c = 0; c < candidates_.size(); ++c) {
    alone.push_back(quality(candidates_[c]));
    if (now.empty() || mean_of(alone[c]) > mean_of(now)) {
      now = alone[c];
      chosen = {{c, 1.0F}};
    }
  }
  if (chosen.empty()) return {};
  if (means != nullptr) means->push_back(mean_of(now));
  blend = candidates_[chosen.front().candidate];

  // Who cannot be told from the best might be the best: one such is added for any gain, in place of a bet on one.
  const auto best_alone = now;
  const auto worth_it = [&](std::size_t candidate, const std::vector<double>& with) {
    const bool bet = chosen.size() == 1 && !clearly_above(best_alone, alone[candidate]);
    return clearly_above(with, now) || (bet && mean_of(with) > mean_of(now));
  };
  while (chosen.size() < kMostParts) {
    std::optional<Chosen> best;
    std::vector<double> best_values;
    CandidateScores best_blend;
    for (std::size_t c = 0; c < candidates_.size(); ++c) {
      if (std::ranges::find(chosen, c, &Chosen::candidate) != chosen.end()) continue;
      for (const auto weight : kWeights) {
        auto with = blend;
        for (std::size_t u = 0; u < with.size(); ++u) {
          for (std::size_t k = 0; k < with[u].size(); ++k) with[u][k] += weight * candidates_[c][u][k];
        }
        auto values = quality(with);
        if (!worth_it(c, values) || (best && mean_of(values) <= mean_of(best_values))) continue;
        best = Chosen{c, weight};
        best_values = std::move(values);
        best_blend = std::move(with);
      }
    }
    if (!best) break;
    chosen.push_back(*best);
    now = std::move(best_values);
    blend = std::move(best_blend);
    if (means != nullptr) means->push_back(mean_of(now));
  }
  return chosen;
}

}  // namespace zhiyin
