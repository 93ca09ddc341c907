// An ensemble: models of different families, each brought to one scale, added up with weights that a validation part of
// the data chose (stacking by greedy forward selection; Caruana et al. 2004).
//
//   score(i) = sum over parts of weight_p s_p(i) / deviation of s_p over all items
//
// Training holds part of every user's events back, trains each candidate on the rest, starts from the best single one
// (ndcg@20) and adds whichever part and weight helps most, as long as the gain is more than its own standard error:
// what validation cannot tell from noise stays out. But a second one that alone cannot be told from the best is added
// for any gain: two that may both be the best are a safer choice than one of them. Then the chosen parts are trained
// again on everything. A candidate that the data cannot train is left out. `next_item` 1 holds back the last event, 0 a
// tenth drawn at random.
//
// Settings: 1 or 0 by the name of each candidate, whether it may take part, and each candidate's own settings under
// "candidate.setting".
#pragma once

#include <memory>

#include "match/registry/registry.h"

namespace zhiyin {

class Ensemble final : public Model {
 public:
  static constexpr std::span<const ParamRange> kRanges{};  // nothing to tune: it chooses for itself
  static std::span<const ParamRange> settings();

  explicit Ensemble(const Params& params) : params_(params) {}
  [[nodiscard]] std::string_view name() const override { return "ensemble"; }
  [[nodiscard]] Params params() const override { return params_; }
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
  void score(const History& history, std::span<float> scores) const override;
  // Shares of the parts that can explain, at their weight; complete where all can.
  [[nodiscard]] std::vector<Contribution> explain(const History& history, ItemIndex item) const override;
  [[nodiscard]] std::size_t items() const override { return parts_.empty() ? 0 : parts_.front().model->items(); }
  void save(Tensors& tensors) const override;
  Result<void> load(const Tensors& tensors) override;

  struct Part {
    std::unique_ptr<Model> model;
    float weight = 1;
  };
  [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }

 private:
  [[nodiscard]] Result<std::unique_ptr<Model>> make_part(std::string_view name) const;

  Params params_;
  std::vector<Part> parts_;  // the best single one first
};

}  // namespace zhiyin
