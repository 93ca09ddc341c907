#include "match/linear/co_occurrence.h"

#include <algorithm>
#include <cmath>

#include "base/threads.h"

namespace zhiyin {
namespace {

void scale_to_one(std::vector<Neighbour>& found) {
  double sum = 0;
  for (const auto& neighbour : found) sum += neighbour.similarity;
  if (!(sum > 0)) return;
  for (auto& neighbour : found) neighbour.similarity = static_cast<float>(neighbour.similarity / sum);
}

// What each names, by who is named.
std::vector<std::vector<Neighbour>> turned(const std::vector<std::vector<Neighbour>>& lists) {
  std::vector<std::vector<Neighbour>> by_other(lists.size());
  for (ItemIndex item = 0; item < lists.size(); ++item) {
    for (const auto& [other, similarity] : lists[item]) by_other[other].push_back({item, similarity});
  }
  return by_other;
}

}  // namespace

NeighbourLists nearest_together(const Interactions& by_user, const CoOccurrence& how, int threads) {
  const auto by_item = by_user.transposed();
  const std::size_t items = by_user.items();
  std::vector<std::vector<Neighbour>> neighbours(items);  // of each target (or item of a history), best first
  std::vector<std::vector<float>> sums(static_cast<std::size_t>(threads), std::vector<float>(items, 0));
  parallel_for(items, 64, threads, [&](std::size_t begin, std::size_t end, int worker) {
    auto& sum = sums[static_cast<std::size_t>(worker)];
    std::vector<ItemIndex> touched;
    for (auto item = begin; item < end; ++item) {
      touched.clear();
      for (const auto user : by_item.row(static_cast<ItemIndex>(item))) {
        for (const auto other : by_user.row(user)) {
          if (sum[other] == 0) touched.push_back(other);
          sum[other] += how.user_weight[user];
        }
      }
      auto& found = neighbours[item];
      for (const auto other : touched) {
        const auto from = how.by_history ? item : other;
        const auto to = how.by_history ? other : item;
        const double norm = how.history_norm[from] * how.target_norm[to] + how.shrink;
        if (other != item) found.push_back({other, static_cast<float>(sum[other] / norm)});
        sum[other] = 0;
      }
      keep_nearest(found, how.neighbours);
      if (how.share) scale_to_one(found);
    }
  });
  return NeighbourLists(how.by_history ? turned(neighbours) : neighbours);
}

std::vector<float> dampened(std::span<const std::uint32_t> counts, double power) {
  std::vector<float> weights(counts.size());
  std::ranges::transform(counts, weights.begin(), [power](std::uint32_t count) {
    return count == 0 ? 0.0F : static_cast<float>(std::pow(static_cast<double>(count), -power));
  });
  return weights;
}

std::vector<std::uint32_t> user_counts(const Interactions& by_user) {
  std::vector<std::uint32_t> counts(by_user.users());
  for (UserIndex user = 0; user < by_user.users(); ++user)
    counts[user] = static_cast<std::uint32_t>(by_user.row(user).size());
  return counts;
}

}  // namespace zhiyin
