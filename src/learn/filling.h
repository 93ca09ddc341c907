// Filling sparse data: what a model is surest of is added to what happened, each such event counting less than a real
// one, and another model learns from both.
//
// A row (of a user, or of an item) with fewer than `below` events is filled with its `added` best predictions that are
// at least `sure` deviations above the mean of that user's scores. Only models that look at weights (ials) can tell
// real from filled.
//
// What it gives (table cold, learn/eval/cold.h; ndcg@20 of ials that leans on nobody): histories of 1, 2 and 5 events of
// people held out gain .025, .013 and .009 on ML-100K and .014, .012 and .007 on LastFM. Leaning (match/leaning.h) gives
// .057, .043 and .025, and .044, .027 and .007, at no cost, so that is what models do. Filled rows and columns of the training data give nothing (-.0002 to .0005), filled rows of TikTok lose .021 of
// .046.
#pragma once

#include "match/model.h"

namespace zhiyin {

struct FillingOptions {
  std::size_t below = 5;
  std::size_t added = 5;
  double sure = 2;
  float weight = 0.2F;
};

// The history, and the predictions after it. One that is long enough comes back as it is.
History filled(History history, const Model& sure, const FillingOptions& options);

// The rows of users filled, each from what it holds.
Interactions fill_users(const Interactions& known, const Model& sure, const FillingOptions& options, int threads);

// The columns of items filled: the users who are surest to like them. Costs a score of all items for every user.
Interactions fill_items(const Interactions& known, const Model& sure, const FillingOptions& options, int threads);

}  // namespace zhiyin
