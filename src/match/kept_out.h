// What models that are learned by gradient keep from themselves to stop by: a part of what every twentieth user did.
#pragma once

#include <span>
#include <vector>

#include "match/model.h"

namespace zhiyin {

// With fewer than this the best look would be a matter of luck: training then goes on to its last epoch.
inline constexpr std::size_t kEnoughToStop = 20;

struct KeptOut {
  History shown;
  std::vector<ItemIndex> asked;  // not empty, none of them shown
};

// The items of each user that are left to learn from, in the order of time.
using Rows = std::vector<std::vector<ItemIndex>>;

// Those of every user, ascending.
Rows rows_of(const Interactions& interactions);

// Moves a fifth of the items of every twentieth user who has at least five, drawn by `seed`, out of `rows`; none where
// there are not enough such users.
std::vector<KeptOut> keep_out(Rows& rows, std::uint64_t seed);

// Mean ndcg among the first ten, what was shown left out of the lists. NaN where nothing was kept.
double ndcg_at_10(const Model& model, std::span<const KeptOut> kept, int threads);

}  // namespace zhiyin
