// Content kernel: what an item's place in the spectral walk (linear/spectral_walk.h) would be is predicted from its
// content, by ridge regression with a Gaussian kernel.
//
//   K(a, b) = exp(-gamma |x_a - x_b|^2) + constant,  x whitened, of unit length (content/whitening.h)
//   V^ = K_all,touched (K_touched,touched + ridge I)^-1 V_touched
//   v'_i = w v_i + (1 - w) v^_i,  w = n_i / (n_i + blend)         an item that nobody touched stands where its content
//                                                                  says
//   score = V' diag((s / s_1)^power) sum_i weight_i D_i^-1/2 v_i    over the history; v^_i where nobody had
//                                                                    touched i
//
// A large power looks at broad neighbourhoods only: that is what content can predict of behaviour, and why the lists
// are good but gather on few items; match/content_blend.h spreads them.
//
// Above kMostExamples touched items the most touched ones are learned from: the system of equations is dense.
#pragma once

#include <array>

#include "match/model.h"

namespace zhiyin {

class ContentKernel final : public Model {
 public:
  static constexpr std::size_t kMostExamples = 6000;  // 144 MB and about 3 s of one core
  static constexpr std::array<ParamRange, 9> kRanges = {{{"factors", 16, 256, true, 128},
                                                         {"user_cap", 1, 10, true, 3},
                                                         {"user_smoothing", 0, 10, false, 7},
                                                         {"item_smoothing", 0, 30, false, 9},
                                                         {"power", 1, 30, true, 12},
                                                         {"gamma", 0.25, 4, true, 1},
                                                         {"constant", 0, 1, false, 0.3},
                                                         {"ridge", 0.3, 30, true, 3},
                                                         {"blend", 0, 50, false, 10}}};

  explicit ContentKernel(const Params& params) : params_(params) {}
  [[nodiscard]] std::string_view name() const override { return "content_kernel"; }
  [[nodiscard]] Params params() const override { return params_; }
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
  // Zeros for an empty history.
  void score(const History& history, std::span<float> scores) const override;
  void score_some(const History& history, std::span<const ItemIndex> some, std::span<float> scores) const override;
  [[nodiscard]] std::vector<Contribution> explain(const History& history, ItemIndex item) const override;
  [[nodiscard]] bool scores_cold_items() const override { return true; }
  [[nodiscard]] std::size_t items() const override { return items_; }
  // A score is the product of the history's profile with the item's place.
  [[nodiscard]] std::vector<float> profile(const History& history) const;
  [[nodiscard]] std::span<const float> places() const { return places_; }  // row-major items() x dim()
  [[nodiscard]] std::size_t dim() const { return dim_; }
  void save(Tensors& tensors) const override;
  Result<void> load(const Tensors& tensors) override;

 private:
  Params params_;
  std::size_t items_ = 0;
  std::size_t dim_ = 0;
  std::vector<float> liked_;   // row-major items x dim: what an item of the history adds to a profile
  std::vector<float> places_;  // the same shape: V' diag((s / s_1)^power)
};

}  // namespace zhiyin
