#include "feed/recommend/similar_users.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "domain/user.h"

namespace zhiyin {

std::vector<SimilarUser> similar_users(const Live& live, const UserId& user, std::size_t count) {
  // Each item's weight: what it tells about the one who likes it, less where everybody does.
  std::unordered_map<ItemId, double> weights;
  live.each_item([&](const ItemId& id, const ItemActivity& activity) {
    if (activity.likes > 0) weights.emplace(id, 1 / std::log2(1 + static_cast<double>(activity.likes)));
  });
  const auto weight_of = [&](const Touched& touched) {
    const auto found = weights.find(touched.item);
    return touched.preference > 0 && found != weights.end() ? found->second : 0;
  };
  std::unordered_map<ItemId, double> own;
  double own_sum = 0;
  const auto state = live.user(user);
  if (state == nullptr) return {};
  for (const auto& touched : state->touched) {
    if (const double weight = weight_of(touched); weight > 0) own_sum += own[touched.item] = weight;
  }
  std::vector<SimilarUser> similar;
  for (const auto& [id, other] : live.everybody()) {
    if (own.empty() || id == user || id.value.starts_with(kGuestPrefix)) continue;
    double shared = 0;
    double sum = 0;
    for (const auto& touched : other->touched) {
      const double weight = weight_of(touched);
      sum += weight;
      if (weight > 0 && own.contains(touched.item)) shared += weight;
    }
    if (shared > 0) similar.push_back({id, shared / std::sqrt(own_sum * sum)});
  }
  const auto kept = std::min(count, similar.size());
  std::ranges::partial_sort(similar, similar.begin() + static_cast<std::ptrdiff_t>(kept),
                            [](const SimilarUser& a, const SimilarUser& b) {
                              return a.score != b.score ? a.score > b.score : a.user < b.user;
                            });
  similar.resize(kept);
  return similar;
}

}  // namespace zhiyin
