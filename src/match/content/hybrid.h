// Content inside the collaborative model: EASE that has to predict what items are as well as who touched them
// (collective EASE: Jeunen, Van Balen, Goethals 2020).
//
//   B = argmin sum_u w_u |x_u - x_u B|^2 + content |F' - F'B|^2 + lambda |B|^2,  B_ii = 0
//   P = (X' diag(w) X + content F F' + lambda I)^-1,   B_ij = -P_ij / P_jj
//   w_u = min(1, user_cap / n_u)
//
// F: the whitened content of the items, unit rows (content/whitening.h), so that F F' are cosines: as if further users
// had touched items by what they are. An item that nobody touched is predicted from its like, and speaks for them in a
// history; shares are exact. An item without content or behaviour gets nothing.
//
// Whether content helps in warm ranking: not reliably. T6 warm (TikTok), recall@20, where the settings were chosen on
// valid: valid .1087 against .0916 with content 0 (paired difference .017, standard error .0035), test .0944 against
// .0918, which is within noise; coverage@20 .95 against .56. Spectral, which sees no content, has .117 and .112. Cold
// items: .058, where content_blend has .079. What hybrid gives is one linear model for warm and cold items alike, with
// lists that reach nearly everything. iALS with its items drawn to W f_i was tried beside it: valid .1142, not to be
// told from it (.0056, standard error .0054), cold .056 with coverage .44 in place of 1. That tie was broken by these
// cold folds, which hold events of test as well: hybrid's cold figures are optimistic by that, its valid figures by the
// some forty settings that were tried.
//
// Dense like ease: refused above DenseWeights::kMaxItems; `keep` above 0 prunes (linear/item_weights.h).
#pragma once

#include <array>

#include "match/linear/item_weights.h"
#include "match/linear/linear_model.h"

namespace zhiyin {

class Hybrid final : public LinearModel<ItemWeights> {
 public:
  static constexpr std::array<ParamRange, 4> kRanges = {{{"lambda", 5, 1000, true, 100},
                                                         {"content", 0.3, 300, true, 25},
                                                         {"user_cap", 1, 1000, true, 3},
                                                         recency_range(0)}};
  static constexpr std::array<ParamRange, 5> kSettings = {
      {kRanges[0], kRanges[1], kRanges[2], kRanges[3], {"keep", 0, 1000, false, 0}}};
  static std::span<const ParamRange> settings() { return kSettings; }

  explicit Hybrid(const Params& params) : LinearModel("hybrid", params) {}
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
  [[nodiscard]] bool scores_cold_items() const override { return true; }
};

}  // namespace zhiyin
