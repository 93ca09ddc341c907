// NeuMF (He et al. 2017), here to be compared with: a net that mixes a product of vectors with layers over both.
//
//   s_ui = out([u * q_i, relu(W_2 relu(W_1 [u, q_i]))]) + b_i
//
// u and q are those of factors/sgd_factors.h (one table of items for both branches, the user a sum of their history),
// learned by logistic loss over negatives as logistic_mf is. A score costs a pass through the net for every item.
#pragma once

#include "base/nn/dense.h"
#include "match/factors/sgd_factors.h"

namespace zhiyin {

// One score a row, without the bias.
class NeuMfNet {
 public:
  struct Kept {
    nn::Matrix users;
    nn::Matrix items;
    nn::Dense::Kept first;
    nn::Matrix first_bent;
    nn::Dense::Kept second;
    nn::Matrix second_bent;
    nn::Dense::Kept out;
  };

  NeuMfNet(std::size_t dim, Random& random)
      : first_(2 * dim, dim, random), second_(dim, half(dim), random), out_(dim + half(dim), 1, random) {}

  nn::Matrix forward(nn::Matrix users, nn::Matrix items, Kept* keep = nullptr) const;
  struct Gradients {
    nn::Matrix users;
    nn::Matrix items;
  };
  Gradients backward(const nn::Matrix& dy, const Kept& kept);
  void enumerate(nn::Parameters& all);

 private:
  static std::size_t half(std::size_t dim) { return (dim + 1) / 2; }

  nn::Dense first_;
  nn::Dense second_;
  nn::Dense out_;
};

class NeuMf final : public SgdFactors {
 public:
  static constexpr auto kRanges = sgd_factors_ranges({"negatives", 1, 16, true, 4}, 3e-3);
  using SgdFactors::SgdFactors;
  [[nodiscard]] std::string_view name() const override { return "neumf"; }

 private:
  void build_net(std::size_t dim, Random& random) override { net_ = std::make_unique<NeuMfNet>(dim, random); }
  void enumerate_net(nn::Parameters& all) const override { net_->enumerate(all); }
  double loss(const Batch& batch, const CandidateSampler&, Random& random, nn::Embedding& table,
              nn::Matrix& by_users) const override;
  void score_user(std::span<const float> user, const nn::Matrix& table, std::span<float> scores) const override;

  std::unique_ptr<NeuMfNet> net_;
};

}  // namespace zhiyin
