#include "match/pop.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace zhiyin {

Result<void> Pop::train(const TrainingData& data, const TrainContext&) {
  constexpr double kSecondsADay = 86'400;
  const auto& rows = data.interactions;
  const double half_life = params_["half_life_days"] * kSecondsADay;
  UnixSeconds latest = 0;
  for (UserIndex user = 0; user < rows.users(); ++user) {
    for (const auto time : rows.times(user)) latest = std::max(latest, time);
  }
  std::vector<double> counts(rows.items(), 0);
  for (UserIndex user = 0; user < rows.users(); ++user) {
    const auto row = rows.row(user);
    const auto times = rows.times(user);
    for (std::size_t k = 0; k < row.size(); ++k)
      counts[row[k]] += half_life <= 0 ? 1 : std::exp2((times[k] - latest) / half_life);
  }
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
