// Rating prediction: matrix factorisation with biases and the implicit term of SVD++ (Koren 2008), in the Bayesian way:
// not one solution but the mean over draws from the posterior (Salakhutdinov and Mnih 2008; Rendle, Zhang and Koren
// 2019), which asks for no regularisation to be tuned.
//
//   r_ui = mu + b_u + b_i + q_i . (p_u + n_u^-1/2 sum_{j rated by u} y_j) + noise / alpha^1/2
//
// Every parameter has a normal prior per group (b_u, b_i, and each factor of p, q, y), the groups' means and precisions
// have priors of their own, and all are drawn in turn given the rest (Gibbs). After `burn_in` sweeps every
// sweeps/samples-th state of the item side is kept. Users are not: a history's b_u and p_u are solved for exactly under
// each kept state, and the predictions averaged.
//
// Weights are ratings here, of the training data and of histories. score() is the predicted rating, not clipped.
#pragma once

#include <array>

#include "match/model.h"

namespace zhiyin {

class Mf final : public Model {
 public:
  static constexpr std::array<ParamRange, 4> kRanges = {{{"factors", 0, 64, false, 32},
                                                         {"burn_in", 20, 100, true, 50},
                                                         {"sweeps", 50, 500, true, 200},
                                                         {"samples", 5, 50, true, 20}}};

  explicit Mf(const Params& params) : params_(params) {}
  [[nodiscard]] std::string_view name() const override { return "mf"; }
  [[nodiscard]] Params params() const override { return params_; }
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
  void score(const History& history, std::span<float> scores) const override;
  [[nodiscard]] std::size_t items() const override { return items_; }
  void save(Tensors& tensors) const override;
  Result<void> load(const Tensors& tensors) override;

 private:
  // One draw of everything but the users.
  struct Draw {
    float mean = 0;                // mu
    float noise = 1;               // alpha
    std::vector<float> centre;     // of (b_u, p_u): the means of their priors, 1 + dim
    std::vector<float> precision;  // and their precisions
    std::vector<float> bias;       // b_i
    std::vector<float> factors;    // q, items x dim
    std::vector<float> implied;    // y, items x dim
  };
  // (b_u, p_u + what the items rated imply), 1 + dim.
  [[nodiscard]] std::vector<double> fold_in(const Draw& draw, const History& history) const;

  friend class MfSampler;

  Params params_;
  std::size_t items_ = 0;
  std::size_t dim_ = 0;
  std::vector<Draw> draws_;
};

}  // namespace zhiyin
