// Who was touched together, and the nearest neighbours that this makes; what item-item models have in common.
//
//   G_ij = sum over users who touched both of user_weight_u
//   S_ij = G_ij / (history_norm_i target_norm_j + shrink),  never i = j, the `neighbours` largest kept per target j or
//                                                           per item i of a history
//
// Which of the two matters where history_norm is strong: the largest S of a popular target are then those of items that
// hardly anybody has in a history, so that pruning by target leaves it without a voice, unless shrink
// holds what few people say down.
#pragma once

#include <vector>

#include "match/linear/neighbour_lists.h"

namespace zhiyin {

struct CoOccurrence {
  std::vector<float> user_weight;    // one a user
  std::vector<double> history_norm;  // one an item
  std::vector<double> target_norm;
  double shrink = 0;
  std::size_t neighbours = 100;
  bool by_history = false;  // keep per item of a history
  bool share = false;       // and bring what it says to a sum of 1; only with by_history

  // S_ij of G_ij.
  [[nodiscard]] float similarity(float together, ItemIndex i, ItemIndex j) const {
    return static_cast<float>(together / (history_norm[i] * target_norm[j] + shrink));
  }
};

// G_ij for one item i and every other j for which it is not 0, in the order in which they are met.
struct Together {
  ItemIndex other;
  float sum;
};
// `sums` is scratch: one number an item, all 0 before and after.
void touched_together(const Interactions& by_user, const Interactions& by_item, ItemIndex item,
                      std::span<const float> user_weight, std::span<float> sums, std::vector<Together>& together);

// What each names, by who is named.
std::vector<std::vector<Neighbour>> turned(const std::vector<std::vector<Neighbour>>& lists);

NeighbourLists nearest_together(const Interactions& by_user, const CoOccurrence& how, int threads);

// count^-power, 0 for a count of 0: how loud each of somewhat popular things may speak.
std::vector<float> dampened(std::span<const std::uint32_t> counts, double power);

// How many items each user touched.
std::vector<std::uint32_t> user_counts(const Interactions& by_user);

}  // namespace zhiyin
