// Content neighbours: an item's score is how alike it is, by content, to what the history liked.
//
//   score(j) = x_j . sum_i weight_i x_i / |history|,  x of unit length
//
// Needs no behaviour at all; an item of which nothing is known scores zero.
#pragma once

#include "match/registry.h"

namespace zhiyin {

class ContentKnn final : public Model {
 public:
  static constexpr std::span<const ParamRange> kRanges{};

  explicit ContentKnn(const Params&) {}
  [[nodiscard]] std::string_view name() const override { return "content_knn"; }
  [[nodiscard]] Params params() const override { return {}; }
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
  void score(const History& history, std::span<float> scores) const override;
  [[nodiscard]] std::vector<Contribution> explain(const History& history, ItemIndex item) const override;
  [[nodiscard]] bool scores_cold_items() const override { return true; }
  [[nodiscard]] std::size_t items() const override { return items_; }
  void save(Tensors& tensors) const override;
  Result<void> load(const Tensors& tensors) override;

 private:
  std::size_t items_ = 0;
  std::size_t dim_ = 0;
  std::vector<float> rows_;  // items x dim, unit length or zero
};

}  // namespace zhiyin
