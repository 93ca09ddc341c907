// Which items a softmax over a sample is taken over: half of the draws uniform, half by how often an item is wanted.
//
// Uniform draws alone rarely show a popular item as somebody else's, draws by popularity alone never an unpopular one.
// An item stands in the sample once, however often it was drawn; it is expected there with chance 1 - (1 - q)^k, whose
// logarithm corrects its score (base/nn/sampled_softmax.h).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/random.h"
#include "domain/interactions.h"

namespace zhiyin {

struct Candidates {
  std::vector<ItemIndex> items;     // ascending, each once
  std::vector<float> log_expected;  // empty: all items are there
};

// Immutable; thread-safe.
class CandidateSampler {
 public:
  // `wanted`: one entry for each event that wanted an item.
  CandidateSampler(std::size_t items, std::vector<ItemIndex> wanted);

  // At most `draws` items; all of them where there are no more than that.
  [[nodiscard]] Candidates draw(std::size_t draws, Random& random) const;
  [[nodiscard]] ItemIndex draw(Random& random) const;

  // The chance of `item` in one draw.
  [[nodiscard]] double chance(ItemIndex item) const { return chance_[item]; }

 private:
  std::vector<ItemIndex> wanted_;
  std::vector<double> chance_;
};

}  // namespace zhiyin
