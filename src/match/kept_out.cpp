#include "match/kept_out.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "base/threads.h"

namespace zhiyin {
namespace {

constexpr std::size_t kEvery = 20;
constexpr std::size_t kShare = 5;
constexpr std::size_t kFirst = 10;

double gain(std::size_t place) { return 1 / std::log2(static_cast<double>(place) + 2); }

double ndcg_of(const Model& model, const KeptOut& one, std::span<float> scores) {
  model.score(one.shown, scores);
  for (const auto item : one.shown.items) scores[item] = -std::numeric_limits<float>::infinity();
  double found = 0;
  double ideal = 0;
  for (std::size_t k = 0; k < one.asked.size(); ++k) {
    const auto target = scores[one.asked[k]];
    const auto above =
        static_cast<std::size_t>(std::ranges::count_if(scores, [target](float other) { return other > target; }));
    if (above < kFirst) found += gain(above);
    if (k < kFirst) ideal += gain(k);
  }
  return found / ideal;
}

}  // namespace

Rows rows_of(const Interactions& interactions) {
  Rows rows(interactions.users());
  for (UserIndex user = 0; user < rows.size(); ++user) {
    const auto row = interactions.row(user);
    rows[user].assign(row.begin(), row.end());
  }
  return rows;
}

std::vector<KeptOut> keep_out(Rows& rows, std::uint64_t seed) {
  std::vector<KeptOut> kept;
  if (rows.size() < kEvery * kEnoughToStop) return kept;
  Random random(seed, 8);
  for (std::size_t user = 0; user < rows.size(); user += kEvery) {
    auto& row = rows[user];
    if (row.size() < kShare) continue;
    auto& one = kept.emplace_back();
    for (auto left = row.size() / kShare; left > 0; --left) {
      const auto at = row.begin() + random.below(static_cast<std::uint32_t>(row.size()));
      one.asked.push_back(*at);
      row.erase(at);
    }
    one.shown = {row, std::vector<float>(row.size(), 1), {}};
  }
  return kept;
}

double ndcg_at_10(const Model& model, std::span<const KeptOut> kept, int threads) {
  std::vector<double> values(kept.size(), 0);
  parallel_for(kept.size(), 4, threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<float> scores(model.items());
    for (auto k = begin; k < end; ++k) values[k] = ndcg_of(model, kept[k], scores);
  });
  double sum = 0;
  for (const auto value : values) sum += value;
  return sum / static_cast<double>(kept.size());
}

}  // namespace zhiyin
