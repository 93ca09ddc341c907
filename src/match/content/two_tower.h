// Two towers: an item's vector h_i from its content and its id (content/item_tower.h), a user's from those of their
// history, learned by sampled softmax of each item against the rest of its user's history.
//
//   s_ui = u.h_i,   u = |H|^-power sum_{j in H} h_j
//
// In training each modality is left out with chance modality_dropout and the id with chance id_dropout, so that an item
// lacking any of them, and one that nobody has touched, still has a vector worth comparing. Items without a single
// event are never candidates: not to be touched yet says nothing against them.
//
// Kept are the items' vectors and what is popular: score() costs one sum over the history and one product with all
// items.
#pragma once

#include <array>

#include "base/nn/matrix.h"
#include "match/model.h"
#include "match/popularity.h"

namespace zhiyin {

class TwoTower final : public Model {
 public:
  static constexpr std::array<ParamRange, 10> kRanges = {{{"factors", 16, 256, true, 64},
                                                          {"epochs", 5, 60, true, 20},
                                                          {"rate", 3e-4, 1e-2, true, 2e-3},
                                                          {"decay", 1e-3, 1, true, 0.1},
                                                          {"dropout", 0, 0.8, false, 0.2},
                                                          {"power", 0, 1, false, 0.5},
                                                          {"candidates", 256, 16384, true, 1024},
                                                          {"modality_dropout", 0, 0.6, false, 0.2},
                                                          {"id_dropout", 0.1, 1, false, 0.5},
                                                          {"patience", 4, 4, false, 4}}};

  explicit TwoTower(const Params& params) : params_(params) {}
  [[nodiscard]] std::string_view name() const override { return "two_tower"; }
  [[nodiscard]] Params params() const override { return params_; }
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
  // What is popular for an empty history.
  void score(const History& history, std::span<float> scores) const override;
  [[nodiscard]] bool scores_cold_items() const override { return true; }
  [[nodiscard]] std::size_t items() const override { return vectors_.rows(); }
  void save(Tensors& tensors) const override;
  Result<void> load(const Tensors& tensors) override;

 private:
  Params params_;
  float power_ = 0;
  nn::Matrix vectors_;  // h: items x dim
  Popularity popularity_;
};

}  // namespace zhiyin
