#include "match/candidates.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace zhiyin {

CandidateSampler::CandidateSampler(std::size_t items, std::vector<ItemIndex> wanted)
    : wanted_(std::move(wanted)), chance_(items, 0.5 / static_cast<double>(items)) {
  assert(!wanted_.empty());
  for (const auto item : wanted_) chance_[item] += 0.5 / static_cast<double>(wanted_.size());
}

ItemIndex CandidateSampler::draw(Random& random) const {
  const bool uniform = random.below(2) == 0;
  const auto at = random.below(static_cast<std::uint32_t>(uniform ? chance_.size() : wanted_.size()));
  return uniform ? at : wanted_[at];
}

Candidates CandidateSampler::draw(std::size_t draws, Random& random) const {
  Candidates drawn;
  if (chance_.size() <= draws) {
    drawn.items.resize(chance_.size());
    std::iota(drawn.items.begin(), drawn.items.end(), ItemIndex{0});
    return drawn;
  }
  for (std::size_t k = 0; k < draws; ++k) drawn.items.push_back(draw(random));
  std::ranges::sort(drawn.items);
  drawn.items.erase(std::ranges::unique(drawn.items).begin(), drawn.items.end());
  for (const auto item : drawn.items)
    drawn.log_expected.push_back(
        static_cast<float>(std::log(-std::expm1(static_cast<double>(draws) * std::log1p(-chance_[item])))));
  return drawn;
}

}  // namespace zhiyin
