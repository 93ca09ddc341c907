// Deep and cross network, version 2 (Wang et al. 2021), in parallel: explicit products of features by cross layers, and
// a plain deep net beside them.
//
//   x_0 = the fields' vectors side by side, a field's vector the sum of its features' vectors times their values
//   cross:  x_{l+1} = x_0 * (W_l x_l + b_l) + x_l            deep:  h_{l+1} = relu(W h_l + b), with dropout
//   s = w . [x_L, h_L] + sum_i w_i x_i + b,  chance = 1 / (1 + exp(-s))
//
// The last sum but one is the wide part: logistic regression, so that the net starts from what that can say. Adam,
// stopped by validation. Built on base/nn; float32; repeats for a seed.
#pragma once

#include <array>
#include <memory>

#include "match/model.h"
#include "match/rank/ranker.h"

namespace zhiyin {

class Dcn final : public Ranker {
 public:
  static constexpr std::array<ParamRange, 8> kRanges = {{{"factors", 4, 32, true, 16},
                                                         {"cross_layers", 1, 4, false, 2},
                                                         {"hidden", 32, 256, true, 64},
                                                         {"dropout", 0, 0.6, false, 0.5},
                                                         {"rate", 3e-4, 3e-3, true, 1e-3},
                                                         {"regularisation", 1e-6, 1e-1, true, 1e-2},
                                                         {"epochs", 5, 50, true, 20},
                                                         {"patience", 3, 3, false, 3}}};

  explicit Dcn(const Params& params);
  ~Dcn() override;
  [[nodiscard]] std::string_view name() const override { return "dcn"; }
  [[nodiscard]] Params params() const override { return params_; }
  Result<void> train(const ImpressionRows& rows, const ImpressionRows& valid, const TrainContext& context) override;
  [[nodiscard]] std::vector<float> predict(const ImpressionRows& rows) const override;
  [[nodiscard]] std::size_t features() const override { return field_of_.size(); }
  void save(Tensors& tensors) const override;
  Result<void> load(const Tensors& tensors) override;

 private:
  class Net;
  Params params_;
  std::vector<std::uint16_t> field_of_;
  std::unique_ptr<Net> net_;
};

}  // namespace zhiyin
