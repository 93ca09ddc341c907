// Content neighbours: an item's score is how alike it is, by whitened content (content/whitening.h), to what the history
// liked.
//
//   S_ij = max(0, x_i.x_j)^power for the `neighbours` items i most alike j,  divided by (sum_i S_ij)^hub
//   score(j) = sum over the history's items i of weight_i S_ij
//
// hub 1 gives every item the same to share out: one that is alike everything must not stand on every list. Neighbours
// are sought among the items that somebody has touched, for only those stand in histories; where they are fewer than
// `neighbours`, among all. Needs no behaviour at all; an item of which nothing is known scores zero.
#pragma once

#include <array>

#include "match/linear/neighbour_lists.h"
#include "match/model.h"

namespace zhiyin {

class ContentKnn final : public Model {
 public:
  static constexpr std::array<ParamRange, 3> kRanges = {
      {{"neighbours", 50, 1000, true, 300}, {"power", 1, 4, false, 2}, {"hub", 0, 1, false, 1}}};

  explicit ContentKnn(const Params& params) : params_(params) {}
  [[nodiscard]] std::string_view name() const override { return "content_knn"; }
  [[nodiscard]] Params params() const override { return params_; }
  // Compares every item with every possible neighbour: items^2 dim operations, items x neighbours numbers kept.
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
  void score(const History& history, std::span<float> scores) const override { lists_.score(history, scores); }
  [[nodiscard]] std::vector<Contribution> explain(const History& history, ItemIndex item) const override {
    return lists_.explain(history, item);
  }
  [[nodiscard]] bool scores_cold_items() const override { return true; }
  [[nodiscard]] std::size_t items() const override { return lists_.items(); }
  // What the scores are made of.
  [[nodiscard]] const NeighbourLists& lists() const { return lists_; }
  void save(Tensors& tensors) const override { lists_.save(tensors); }
  Result<void> load(const Tensors& tensors) override;

 private:
  Params params_;
  NeighbourLists lists_;
};

}  // namespace zhiyin
