// Most popular: an item's score is the number of users who touched it. The same for everybody.
#pragma once

#include "match/registry.h"

namespace zhiyin {

class Pop final : public Model {
 public:
  static constexpr std::span<const ParamRange> kRanges{};

  explicit Pop(const Params&) {}
  [[nodiscard]] std::string_view name() const override { return "pop"; }
  [[nodiscard]] Params params() const override { return {}; }
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
  void score(const History& history, std::span<float> scores) const override;
  [[nodiscard]] std::size_t items() const override { return counts_.size(); }
  void save(Tensors& tensors) const override;
  Result<void> load(const Tensors& tensors) override;

 private:
  std::vector<float> counts_;  // users per item
};

}  // namespace zhiyin
