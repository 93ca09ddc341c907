#include "base/measure/top_k.h"

#include <algorithm>
#include <cmath>

namespace zhiyin {

void top_k(std::span<const float> scores, std::span<const std::uint32_t> masked, std::size_t k,
           std::vector<std::uint32_t>& best) {
  best.clear();
  if (k == 0) return;
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    return scores[a] > scores[b] || (scores[a] == scores[b] && a < b);
  };
  // A heap whose front is the worst of those kept. Positions come in ascending order, so a newcomer that only equals
  // the worst one stays out: ties go to the lower position by themselves.
  auto mask = masked.begin();
  for (std::uint32_t position = 0; position < scores.size(); ++position) {
    while (mask != masked.end() && *mask < position) ++mask;
    if (mask != masked.end() && *mask == position) continue;
    if (std::isnan(scores[position])) continue;
    if (best.size() < k) {
      best.push_back(position);
      std::ranges::push_heap(best, before);
    } else if (scores[position] > scores[best.front()]) {
      std::ranges::pop_heap(best, before);
      best.back() = position;
      std::ranges::push_heap(best, before);
    }
  }
  std::ranges::sort_heap(best, before);
}

}  // namespace zhiyin
