// Factorisation machine (Rendle 2010) under the logistic loss; with no factors it is logistic regression.
//
//   s = w_0 + sum_i w_i x_i + sum_{i<j} (v_i . v_j) x_i x_j
//     = w_0 + sum_i w_i x_i + 1/2 (|sum_i v_i x_i|^2 - sum_i |v_i|^2 x_i^2),   chance = 1 / (1 + exp(-s))
//
// Learned row by row with Adagrad (Duchi, Hazan and Singer 2011), which gives rare features long steps and frequent
// ones short ones; stopped by validation.
#pragma once

#include <array>

#include "match/model.h"
#include "match/rank/ranker.h"

namespace zhiyin {

class Fm final : public Ranker {
 public:
  static constexpr std::array<ParamRange, 5> kRanges = {{{"factors", 4, 32, true, 16},
                                                         {"rate", 0.01, 0.2, true, 0.03},
                                                         {"regularisation", 1e-5, 1e-1, true, 1e-2},
                                                         {"epochs", 20, 100, true, 40},
                                                         {"patience", 3, 3, false, 3}}};

  // Without factors: fewer numbers, which need less holding back.
  static constexpr std::array<ParamRange, 4> kLogisticRanges = {{{"rate", 0.003, 0.1, true, 0.02},
                                                                 {"regularisation", 1e-6, 1e-1, true, 1e-5},
                                                                 {"epochs", 20, 100, true, 40},
                                                                 {"patience", 3, 3, false, 3}}};

  Fm(std::string_view name, const Params& params) : name_(name), params_(params) {}
  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] Params params() const override;  // those that can be given: logistic has no factors
  Result<void> train(const ImpressionRows& rows, const ImpressionRows& valid, const TrainContext& context) override;
  [[nodiscard]] std::vector<float> predict(const ImpressionRows& rows) const override;
  [[nodiscard]] std::size_t features() const override { return weights_.empty() ? 0 : weights_.size() - 1; }
  void save(Tensors& tensors) const override;
  Result<void> load(const Tensors& tensors) override;

 private:
  // The score of one row; `sum` (dim_) gets sum_i v_i x_i.
  float score(const ImpressionRows& rows, std::size_t row, std::span<float> sum) const;

  std::string_view name_;
  Params params_;
  std::size_t dim_ = 0;
  std::vector<float> weights_;  // w_0, then one a feature
  std::vector<float> factors_;  // features x dim
};

}  // namespace zhiyin
