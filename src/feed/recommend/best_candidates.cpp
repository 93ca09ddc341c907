#include <algorithm>

#include "feed/recommend/source.h"

namespace zhiyin {

std::vector<Candidate> best_candidates(std::vector<Candidate> all, std::size_t count) {
  const auto better = [](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : a.item < b.item;
  };
  const auto kept = std::min(count, all.size());
  std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(kept), better);
  all.resize(kept);
  if (!all.empty() && all.front().score > 0) {
    const double best = all.front().score;
    for (auto& candidate : all) candidate.score /= best;
  }
  return all;
}

}  // namespace zhiyin
