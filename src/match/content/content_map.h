// Content map: where the factors of an item are few events' guess, its content says where they ought to be
// (Gantner et al. 2010).
//
//   W = argmin sum_i n_i |x_i W - q_i|^2 + ridge |W|^2          over items with events, x z-scored and with a constant
//   q'_i = w q_i + (1 - w) x_i W,   w = n_i / (n_i + blend)     an item nobody touched stands where its content says
//
// Users are folded in against q' exactly as iALS does, so cold items count in a history as well.
#pragma once

#include <array>

#include "match/factors/item_factors.h"
#include "match/model.h"

namespace zhiyin {

class ContentMap final : public Model {
 public:
  static constexpr std::array<ParamRange, 5> kRanges = {{{"factors", 16, 128, true, 64},
                                                         {"alpha0", 0.005, 1, true, 0.5},
                                                         {"strength", 0.5, 15, true, 7},
                                                         {"ridge", 30, 10000, true, 1000},
                                                         {"blend", 0, 50, false, 10}}};

  explicit ContentMap(const Params& params) : params_(params) {}
  [[nodiscard]] std::string_view name() const override { return "content_map"; }
  [[nodiscard]] Params params() const override { return params_; }
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
  void score(const History& history, std::span<float> scores) const override { factors_.score(history, scores); }
  [[nodiscard]] std::vector<Contribution> explain(const History& history, ItemIndex item) const override {
    return factors_.explain(history, item);
  }
  [[nodiscard]] ItemVectors item_vectors() const override { return {factors_.dim(), factors_.factors()}; }
  [[nodiscard]] std::vector<float> query(const History& history) const override { return factors_.fold_in(history); }
  [[nodiscard]] std::vector<std::vector<Contribution>> explain_all(const History& history,
                                                                   std::span<const ItemIndex> some,
                                                                   std::size_t most) const override {
    return factors_.explain_all(history, some, most);
  }
  [[nodiscard]] bool scores_cold_items() const override { return true; }
  [[nodiscard]] std::size_t items() const override { return factors_.items(); }
  void save(Tensors& tensors) const override { factors_.save(tensors); }
  Result<void> load(const Tensors& tensors) override;

 private:
  Params params_;
  ItemFactors factors_;
};

}  // namespace zhiyin
