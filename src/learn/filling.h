// Sparse behaviour made denser before a model learns from it: what was done stays as it is, and weak positives are put
// beside it. Only models that read weights (ials, spectral) can tell the two apart.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "domain/interactions.h"
#include "match/model.h"

namespace zhiyin {

struct BehaviourFilling {
  std::size_t few = 3;    // users with at most so many events, and with at least one
  std::size_t added = 3;  // to each of them
  float weight = 0.3F;    // of what is added, where an event has 1
};

// Users with few events also touch what `model`, trained on `known`, is surest of for them: the items of its highest
// scores, as far as they are above zero. Cost: one score() for each such user.
Interactions filled_by_behaviour(const Interactions& known, const Model& model, const BehaviourFilling& filling,
                                 int threads);

struct ContentFilling {
  std::size_t few = 5;  // items with at most so many events, also with none
  std::size_t neighbours = 10;
  float share = 0.2F;  // of the events of each neighbour
  float weight = 0.3F;
};

// Items with few events are also touched by some of those who touched what is most alike them by whitened content
// (match/content/whitening.h) among the items with more events; who, is drawn with the seed. An item of which nothing
// is known gets nothing. Errors: as whitened(). Cost: items^2 dim operations at most.
Result<Interactions> filled_by_content(const Interactions& known, const ItemFeatures* features,
                                       const ContentFilling& filling, std::uint64_t seed, int threads);

}  // namespace zhiyin
