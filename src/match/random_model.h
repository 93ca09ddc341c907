// Scores by a hash of the history and the item: the floor that every table keeps.
#pragma once

#include "match/model.h"

namespace zhiyin {

class RandomModel final : public Model {
 public:
  static constexpr std::span<const ParamRange> kRanges{};

  explicit RandomModel(const Params&) {}
  [[nodiscard]] std::string_view name() const override { return "random"; }
  [[nodiscard]] Params params() const override { return {}; }
  Result<void> train(const TrainingData& data, const TrainContext& context) override;
  void score(const History& history, std::span<float> scores) const override;
  [[nodiscard]] bool scores_cold_items() const override { return true; }
  [[nodiscard]] std::size_t items() const override { return items_; }
  void save(Tensors& tensors) const override;
  Result<void> load(const Tensors& tensors) override;

 private:
  std::size_t items_ = 0;
  std::uint64_t seed_ = 0;
};

}  // namespace zhiyin
