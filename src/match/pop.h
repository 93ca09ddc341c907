// Most popular: an item's score is the number of users who touched it, the same for everybody. With a half-life, what
// happened long before the last event of all counts less.
//
//   score(i) = sum over events of i of 2^(-(age in days) / half_life_days);  half_life_days 0: every event counts 1
//
// updated() is exact, and costs the catalogue and the cells.
#pragma once

#include <array>

#include "match/model.h"

namespace zhiyin {

class Pop final : public Model {
 public:
  static constexpr std::array<ParamRange, 1> kRanges = {{{"half_life_days", 0, 365, false, 0}}};

  explicit Pop(const Params& params) : params_(params) {}
  [[nodiscard]] std::string_view name() const override { return "pop"; }
  [[nodiscard]] Params params() const override { return params_; }
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
  void score(const History& history, std::span<float> scores) const override;
  [[nodiscard]] std::size_t items() const override { return counts_.size(); }
  [[nodiscard]] Result<std::unique_ptr<Model>> updated(const Update& update) const override;
  void save(Tensors& tensors) const override;
  Result<void> load(const Tensors& tensors) override;

 private:
  [[nodiscard]] double worth(UnixSeconds time) const;  // of one event, seen from latest_

  Params params_;
  std::vector<float> counts_;  // users per item, decayed
  UnixSeconds latest_ = 0;     // the last event of all
};

}  // namespace zhiyin
