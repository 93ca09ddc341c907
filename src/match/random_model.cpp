#include "match/random_model.h"

#include <array>

#include "base/random.h"

namespace zhiyin {

Result<void> RandomModel::train(const TrainingData& data, const TrainContext& context) {
  items_ = data.interactions.items();
  seed_ = context.seed;
  return {};
}

void RandomModel::score(const History& history, std::span<float> scores) const {
  std::uint64_t user = mix64(seed_);
  for (const auto item : history.items) user = mix64(user ^ item);
  for (std::size_t item = 0; item < scores.size(); ++item) {
    scores[item] = static_cast<float>(mix64(user ^ item) >> 40U) * 0x1.0p-24F;
  }
}

void RandomModel::save(Tensors& tensors) const {
  const std::array<std::int64_t, 2> state = {static_cast<std::int64_t>(items_), static_cast<std::int64_t>(seed_)};
  tensors.put("state", Tensor::from<std::int64_t>({2}, state));
}

Result<void> RandomModel::load(const Tensors& tensors) {
  ZY_TRY(const auto state, tensors.get("state", DType::kI64, std::array<std::size_t, 1>{2}));
  if (state.as<std::int64_t>()[0] < 0) return corrupt("a negative number of items");
  items_ = static_cast<std::size_t>(state.as<std::int64_t>()[0]);
  seed_ = static_cast<std::uint64_t>(state.as<std::int64_t>()[1]);
  return {};
}

}  // namespace zhiyin
