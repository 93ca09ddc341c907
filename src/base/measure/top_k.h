// The best k of many scores: how every ranked list is made, in evaluation and in the feed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace zhiyin {

// Writes the positions of the k highest scores to `best`, highest first, without those in `masked` (ascending; what is
// out of range does no harm). Equal scores: the lower position first, so that a list does not depend on how it was
// found. Fewer than k come back when fewer are left; a score that is NaN is never chosen.
//
// Cost: one pass over scores and a heap of k; no allocation once `best` has its capacity.
void top_k(std::span<const float> scores, std::span<const std::uint32_t> masked, std::size_t k,
           std::vector<std::uint32_t>& best);

}  // namespace zhiyin
