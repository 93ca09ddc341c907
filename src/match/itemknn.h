// Item-item nearest neighbours (Sarwar et al. 2001; shrinkage as Bell and Koren 2007).
//
//   G_ij = sum over users who touched both of w_u,  w_u = n_u^-user_power
//   S_ij = G_ij / (n_i^history_power n_j^target_power + shrink),  the `neighbours` largest kept per item j
//   score(j) = sum over the history's items i of weight_i S_ij
//
// Users with very long histories say little about any pair of items: user_power 1 gives each of them the same say.
#pragma once

#include <array>

#include "match/neighbour_lists.h"
#include "match/registry.h"

namespace zhiyin {

class ItemKnn final : public Model {
 public:
  static constexpr std::array<ParamRange, 5> kRanges = {{{"neighbours", 20, 500, true, 100},
                                                         {"user_power", 0, 1.25, false, 0.5},
                                                         {"history_power", 0, 1, false, 0.7},
                                                         {"target_power", 0, 1, false, 0.4},
                                                         {"shrink", 0, 50, false, 0}}};

  explicit ItemKnn(const Params& params) : params_(params) {}
  [[nodiscard]] std::string_view name() const override { return "itemknn"; }
  [[nodiscard]] Params params() const override { return params_; }
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
  void score(const History& history, std::span<float> scores) const override { lists_.score(history, scores); }
  [[nodiscard]] std::vector<Contribution> explain(const History& history, ItemIndex item) const override {
    return lists_.explain(history, item);
  }
  [[nodiscard]] std::size_t items() const override { return lists_.items(); }
  void save(Tensors& tensors) const override { lists_.save(tensors); }
  Result<void> load(const Tensors& tensors) override;

 private:
  Params params_;
  NeighbourLists lists_;
};

}  // namespace zhiyin
