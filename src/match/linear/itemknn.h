// Item-item nearest neighbours (Sarwar et al. 2001; shrinkage as Bell and Koren 2007).
//
//   G_ij = sum over users who touched both of w_u,  w_u = n_u^-user_power
//   S_ij = G_ij / (n_i^history_power n_j^target_power + shrink),  the `neighbours` largest kept per item j
//
// Users with very long histories say little about any pair of items: user_power 1 gives each of them the same say.
// Cosine is user_power 0 and both other powers .5. With bm25 from .5 on the powers are not looked at: a user's row is
// weighed as a document is (Robertson and Zaragoza 2009, k1 1.2, b .75, every term once), and S is the cosine of what
// comes of it; the inverse document frequency drops out of a cosine between items.
//
// updated() counts anew who was touched together with each changed item, and copies the rest: sum over the changed
// items' users of their n_u, and all neighbours once. The neighbours of a changed item are those that training would
// find, but that
//   - another item whose only change is that a user of its own has a longer row by now keeps its numbers,
//   - where a changed item falls out of another's neighbours, those are one fewer until that other changes.
//
// shrink keeps a popular j from being left with neighbours that one or two people have touched. The defaults were
// chosen on MovieLens 100K and LastFM together, a fifth held out of what t2 trains on (shrink 0 to 100, 100 and 250
// neighbours): there ndcg@20 is .264 and .208; without shrink, of 100 neighbours, .264 and .121; with the neighbours
// kept per item i of the history, as rp3beta does, .252 and .204.
#pragma once

#include <array>

#include "match/linear/co_occurrence.h"
#include "match/linear/linear_model.h"

namespace zhiyin {

class ItemKnn final : public LinearModel<NeighbourLists> {
 public:
  static constexpr std::array<ParamRange, 7> kRanges = {{{"neighbours", 20, 500, true, 250},
                                                         {"user_power", 0, 1.25, false, 0.5},
                                                         {"history_power", 0, 1, false, 0.7},
                                                         {"target_power", 0, 1, false, 0.4},
                                                         {"shrink", 0, 50, false, 10},
                                                         {"bm25", 0, 1, false, 0},
                                                         recency_range(0)}};

  explicit ItemKnn(const Params& params) : LinearModel("itemknn", params) {}
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
  [[nodiscard]] Result<std::unique_ptr<Model>> updated(const Update& update) const override;
  void save(Tensors& tensors) const override;
  Result<void> load(const Tensors& tensors) override;

 private:
  [[nodiscard]] bool bm25() const { return params_.at("bm25") >= 0.5; }
  [[nodiscard]] std::vector<float> user_weights(const Interactions& by_user) const;
  // Of an item's users, added up, norms are powers.
  [[nodiscard]] float mass(float user_weight) const { return bm25() ? user_weight : 1; }
  [[nodiscard]] CoOccurrence settings() const;  // with the norms of masses_

  std::vector<float> masses_;  // by item; empty in a model that was saved before there were any
  double mean_length_ = 0;     // of users in training
};

}  // namespace zhiyin
