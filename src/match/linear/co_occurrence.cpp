#include "match/linear/co_occurrence.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/threads.h"

namespace zhiyin {
namespace {

void scale_to_one(std::vector<Neighbour>& found) {
  double sum = 0;
  for (const auto& neighbour : found) sum += neighbour.similarity;
  if (!(sum > 0)) return;
  for (auto& neighbour : found) neighbour.similarity = static_cast<float>(neighbour.similarity / sum);
}

}  // namespace

std::vector<std::vector<Neighbour>> turned(const std::vector<std::vector<Neighbour>>& lists) {
  std::vector<std::vector<Neighbour>> by_other(lists.size());
  for (ItemIndex item = 0; item < lists.size(); ++item) {
    for (const auto& [other, similarity] : lists[item]) by_other[other].push_back({item, similarity});
  }
  return by_other;
}

void touched_together(const Interactions& by_user, const Interactions& by_item, ItemIndex item,
                      std::span<const float> user_weight, std::span<float> sums, std::vector<Together>& together) {
  together.clear();
  for (const auto user : by_item.row(item)) {
    for (const auto other : by_user.row(user)) {
      if (sums[other] == 0) together.push_back({other, 0});
      sums[other] += user_weight[user];
    }
  }
  for (auto& [other, sum] : together) sum = std::exchange(sums[other], 0.0F);
  std::erase_if(together, [item](const Together& one) { return one.other == item; });
}

NeighbourLists nearest_together(const Interactions& by_user, const CoOccurrence& how, int threads) {
  const auto by_item = by_user.transposed();
  const std::size_t items = by_user.items();
  std::vector<std::vector<Neighbour>> neighbours(items);  // of each target (or item of a history), best first
  std::vector<std::vector<float>> sums(static_cast<std::size_t>(threads), std::vector<float>(items, 0));
  parallel_for(items, 64, threads, [&](std::size_t begin, std::size_t end, int worker) {
    std::vector<Together> together;
    for (auto at = begin; at < end; ++at) {
      const auto item = static_cast<ItemIndex>(at);
      auto& found = neighbours[item];
      touched_together(by_user, by_item, item, how.user_weight, sums[static_cast<std::size_t>(worker)], together);
      for (const auto& [other, sum] : together) {
        const auto from = how.by_history ? item : other;
        const auto to = how.by_history ? other : item;
        found.push_back({other, how.similarity(sum, from, to)});
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
