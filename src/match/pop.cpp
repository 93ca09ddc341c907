#include "match/pop.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace zhiyin {
namespace {

constexpr std::string_view kLatest = "update.latest";

}  // namespace

double Pop::worth(UnixSeconds time) const {
  constexpr double kSecondsADay = 86'400;
  const double half_life = params_.at("half_life_days") * kSecondsADay;
  return half_life <= 0 ? 1 : std::exp2(static_cast<double>(time - latest_) / half_life);
}

Result<void> Pop::train(const TrainingData& data, const TrainContext&) {
  const auto& rows = data.interactions;
  latest_ = 0;
  for (UserIndex user = 0; user < rows.users(); ++user) {
    for (const auto time : rows.times(user)) latest_ = std::max(latest_, time);
  }
  std::vector<double> counts(rows.items(), 0);
  for (UserIndex user = 0; user < rows.users(); ++user) {
    const auto row = rows.row(user);
    const auto times = rows.times(user);
    for (std::size_t k = 0; k < row.size(); ++k) counts[row[k]] += worth(times[k]);
  }
  counts_.assign(counts.begin(), counts.end());
  return {};
}

Result<std::unique_ptr<Model>> Pop::updated(const Update& update) const {
  if (params_.at("half_life_days") > 0 && latest_ == 0) return not_updatable(name());
  auto next = std::make_unique<Pop>(*this);
  for (const auto& cell : update.added) next->latest_ = std::max(next->latest_, cell.time);
  const auto aged = static_cast<float>(next->worth(latest_));
  for (auto& count : next->counts_) count *= aged;
  next->counts_.resize(update.interactions.items(), 0);
  for (const auto& cell : update.added) next->counts_[cell.item] += static_cast<float>(next->worth(cell.time));
  for (const auto& cell : update.removed) {
    auto& count = next->counts_[cell.item];
    count = std::max(0.0F, count - static_cast<float>(next->worth(cell.time)));
  }
  return std::unique_ptr<Model>(std::move(next));
}

void Pop::score(const History&, std::span<float> scores) const { std::ranges::copy(counts_, scores.begin()); }

void Pop::save(Tensors& tensors) const {
  tensors.put("counts", Tensor::from<float>({counts_.size()}, counts_));
  tensors.put(std::string(kLatest), Tensor::from<std::int64_t>({1}, std::array{latest_}));
}

Result<void> Pop::load(const Tensors& tensors) {
  ZY_TRY(const auto counts, tensors.get("counts", DType::kF32, std::array<std::size_t, 1>{0}));
  const auto values = counts.as<float>();
  counts_.assign(values.begin(), values.end());
  if (!tensors.has(kLatest)) return {};  // written before there was one
  ZY_TRY(const auto latest, tensors.get(kLatest, DType::kI64, std::array<std::size_t, 1>{1}));
  latest_ = latest.as<std::int64_t>()[0];
  return {};
}

}  // namespace zhiyin
