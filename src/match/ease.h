// EASE: a linear item-item model in closed form (Steck 2019), with the dropout term of EDLAE (Steck 2020).
//
//   P = (X'X + diag(lambda + dropout / (1 - dropout) diag(X'X)))^-1,   B_ij = -P_ij / P_jj,  B_ii = 0
//   score = x B
//
// Dense: items^2 floats, and items^3 operations to train; refused above kMaxItems.
#pragma once

#include <array>

#include "match/registry.h"

namespace zhiyin {

class Ease final : public Model {
 public:
  static constexpr std::size_t kMaxItems = 30'000;
  static constexpr std::array<ParamRange, 2> kRanges = {
      {{"lambda", 5, 2000, true, 200}, {"dropout", 0, 0.6, false, 0.25}}};

  explicit Ease(const Params& params) : params_(params) {}
  [[nodiscard]] std::string_view name() const override { return "ease"; }
  [[nodiscard]] Params params() const override { return params_; }
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
  void score(const History& history, std::span<float> scores) const override;
  [[nodiscard]] std::vector<Contribution> explain(const History& history, ItemIndex item) const override;
  [[nodiscard]] std::size_t items() const override { return items_; }
  void save(Tensors& tensors) const override;
  Result<void> load(const Tensors& tensors) override;

 private:
  Params params_;
  std::size_t items_ = 0;
  Tensor weights_;  // B, items x items, row-major: row i is what item i of the history says of every item
};

}  // namespace zhiyin
