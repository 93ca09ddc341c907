// What the learned fusion (learn/train_fusion.h) adds to T6's features: one more block. It adds nothing to what
// content_blend finds there: recall@20 .0784 with it, .0792 (.0744 to .0838) without, for the kernel
// learns from the same behaviour and the same senses. The row stays, so that a better recipe shows.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "domain/interactions.h"
#include "match/model.h"

namespace zhiyin {

// The features, and after them the learned fusion of sound and picture (AttentionFusion::kDim numbers). It learns on
// all items without labels, and from the behaviour in `warm` alone, by the item factors of iALS with T6's settings: of
// an item that nobody there has touched it knows the content only. Zeros where an item has neither sense.
Result<ItemFeatures> with_learned_fusion(const ItemFeatures& features, const Interactions& warm, std::uint64_t seed,
                                         int threads);

}  // namespace zhiyin
