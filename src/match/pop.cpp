#include "match/pop.h"

#include <algorithm>
#include <array>

namespace zhiyin {

Result<void> Pop::train(const TrainingData& data, const TrainContext&) {
  const auto counts = data.interactions.item_counts();
  counts_.assign(counts.begin(), counts.end());
  return {};
}

void Pop::score(const History&, std::span<float> scores) const { std::ranges::copy(counts_, scores.begin()); }

void Pop::save(Tensors& tensors) const { tensors.put("counts", Tensor::from<float>({counts_.size()}, counts_)); }

Result<void> Pop::load(const Tensors& tensors) {
  ZY_TRY(const auto counts, tensors.get("counts", DType::kF32, std::array<std::size_t, 1>{0}));
  const auto values = counts.as<float>();
  counts_.assign(values.begin(), values.end());
  return {};
}

}  // namespace zhiyin
