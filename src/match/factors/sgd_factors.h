// Factors learned by gradient from sampled items: bpr, logistic_mf and softmax are this model with three losses.
//
//   s_ui = u.q_i + b_i,   u = |H|^-power sum_{j in H} w_j      (factors/history_tower.h)
//
// Items that a step compares with are drawn: for bpr and logistic_mf `negatives` of each event, uniform among those
// that the user has not touched; for softmax `candidates` that all events of a step share (match/candidates.h). A part
// of what every twentieth user did is kept out, and training stops when `patience` looks at it brought nothing.
//
// One thread; float32; const calls are thread-safe.
#pragma once

#include <memory>

#include "match/candidates.h"
#include "match/factors/history_tower.h"
#include "match/factors/sampled_losses.h"
#include "match/kept_out.h"
#include "match/model.h"
#include "match/popularity.h"

namespace zhiyin {

// `sample` is what the losses call negatives or candidates.
constexpr std::array<ParamRange, 8> sgd_factors_ranges(ParamRange sample, double rate) {
  return {{{"factors", 16, 256, true, 64},
           {"epochs", 10, 200, true, 60},
           {"rate", 3e-4, 3e-2, true, rate},
           {"decay", 1e-3, 1, true, 0.1},
           {"dropout", 0, 0.8, false, 0.5},
           {"power", 0, 1, false, 0.5},
           sample,
           {"patience", 4, 4, false, 4}}};
}

class SgdFactors : public Model {
 public:
  explicit SgdFactors(const Params& params) : params_(params) {}
  [[nodiscard]] Params params() const final { return params_; }
  Result<void> train(const TrainingData& data, const TrainContext& context) final;
  // An empty history gets what is popular, not the biases alone.
  void score(const History& history, std::span<float> scores) const final;
  [[nodiscard]] std::size_t items() const final { return items_ ? items_->ids() : 0; }
  void save(Tensors& tensors) const final;
  Result<void> load(const Tensors& tensors) final;

 protected:
  // What a loss is asked for: users' vectors with a last column of ones, and the item that each was to find.
  struct Batch {
    const nn::Matrix& users;
    std::span<const std::uint32_t> wanted;
    std::span<const std::vector<ItemIndex>> rows;  // whose items `wanted` is, one after the other; items ascending
  };
  // The mean loss; adds to the gradients of `table` (items' vectors, the bias last), gives those of batch.users.
  virtual double loss(const Batch& batch, const CandidateSampler& sampler, Random& random, nn::Embedding& table,
                      nn::Matrix& by_users) const = 0;

  // A net beside the vectors, for those that have one.
  virtual void build_net(std::size_t /*dim*/, Random&) {}
  virtual void enumerate_net(nn::Parameters&) const {}
  // `user` ends with a one, as in training.
  virtual void score_user(std::span<const float> user, const nn::Matrix& table, std::span<float> scores) const;

  // `count` items for each item of each row, none of the row's own unless there is hardly another.
  static std::vector<std::uint32_t> untouched(std::span<const std::vector<ItemIndex>> rows, std::size_t count,
                                              std::size_t items, Random& random);
  double pairwise(RowLoss loss, const Batch& batch, Random& random, nn::Embedding& table, nn::Matrix& by_users) const;

  Params params_;

 private:
  void build(std::size_t items, std::size_t dim, float power, std::uint64_t seed);
  [[nodiscard]] nn::Parameters all() const;
  double step(std::span<const std::vector<ItemIndex>> rows, const CandidateSampler& sampler, Random& random);

  float power_ = 0;
  std::unique_ptr<HistoryTower> tower_;
  std::unique_ptr<nn::Embedding> items_;  // items x (dim + 1)
  Popularity popularity_;
};

class Bpr final : public SgdFactors {
 public:
  static constexpr auto kRanges = sgd_factors_ranges({"negatives", 1, 16, true, 8}, 3e-3);
  using SgdFactors::SgdFactors;
  [[nodiscard]] std::string_view name() const override { return "bpr"; }

 private:
  double loss(const Batch& batch, const CandidateSampler&, Random& random, nn::Embedding& table,
              nn::Matrix& by_users) const override {
    return pairwise(bpr_loss, batch, random, table, by_users);
  }
};

class LogisticMf final : public SgdFactors {
 public:
  static constexpr auto kRanges = sgd_factors_ranges({"negatives", 1, 16, true, 8}, 3e-3);
  using SgdFactors::SgdFactors;
  [[nodiscard]] std::string_view name() const override { return "logistic_mf"; }

 private:
  double loss(const Batch& batch, const CandidateSampler&, Random& random, nn::Embedding& table,
              nn::Matrix& by_users) const override {
    return pairwise(logistic_loss, batch, random, table, by_users);
  }
};

class SoftmaxFactors final : public SgdFactors {
 public:
  static constexpr auto kRanges = sgd_factors_ranges({"candidates", 256, 16384, true, 512}, 3e-3);
  using SgdFactors::SgdFactors;
  [[nodiscard]] std::string_view name() const override { return "softmax"; }

 private:
  double loss(const Batch& batch, const CandidateSampler& sampler, Random& random, nn::Embedding& table,
              nn::Matrix& by_users) const override;
};

}  // namespace zhiyin
