#include "match/linear/spectral_walk.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/kernels/sparse_svd.h"
#include "base/kernels/vectors.h"

namespace zhiyin {
namespace {

double inverse_root(double sum) { return sum > 0 ? 1 / std::sqrt(sum) : 0; }

// N, and the scale of every item in it.
SparseRows normalised(const Interactions& interactions, const SpectralWalk::Options& options,
                      std::vector<float>& item_scale) {
  SparseRows matrix{.width = interactions.items(), .offsets = {0}, .columns = {}, .values = {}};
  std::vector<double> user_sum(interactions.users(), options.user_smoothing);
  std::vector<double> item_sum(interactions.items(), options.item_smoothing);
  for (UserIndex user = 0; user < interactions.users(); ++user) {
    const auto row = interactions.row(user);
    const auto weight = row.empty() ? 0.0 : std::min(1.0, options.user_cap / static_cast<double>(row.size()));
    for (std::size_t k = 0; k < row.size(); ++k) {
      const double value = weight * interactions.weights(user)[k];
      user_sum[user] += value;
      item_sum[row[k]] += value;
      matrix.columns.push_back(row[k]);
      matrix.values.push_back(static_cast<float>(value));
    }
    matrix.offsets.push_back(matrix.columns.size());
  }
  item_scale.resize(interactions.items());
  std::ranges::transform(item_sum, item_scale.begin(),
                         [](double sum) { return static_cast<float>(inverse_root(sum)); });
  for (UserIndex user = 0; user < interactions.users(); ++user) {
    const auto scale = static_cast<float>(inverse_root(user_sum[user]));
    for (auto k = matrix.offsets[user]; k < matrix.offsets[user + 1]; ++k)
      matrix.values[k] *= scale * item_scale[matrix.columns[k]];
  }
  return matrix;
}

}  // namespace

Result<SpectralWalk> SpectralWalk::fit(const Interactions& interactions, const Options& options,
                                       const TrainContext& context) {
  if (interactions.size() == 0) return invalid("nobody has touched anything yet: there is no walk from item to item");
  SpectralWalk walk;
  const auto matrix = normalised(interactions, options, walk.item_scale_);
  ZY_TRY(auto svd, truncated_svd(matrix, {.rank = options.rank, .seed = context.seed, .threads = context.threads}));
  if (svd.values.empty()) return invalid("the walk goes nowhere: raise user_cap");
  walk.vectors_ = std::move(svd.right);
  for (const auto value : svd.values) walk.strength_.push_back(value / svd.values.front());
  return walk;
}

std::vector<float> SpectralWalk::damping(double power) const {
  std::vector<float> factors(dim());
  std::ranges::transform(strength_, factors.begin(),
                         [power](float s) { return static_cast<float>(std::pow(double{s}, power)); });
  return factors;
}

std::vector<float> SpectralWalk::profile(const History& history) const {
  std::vector<float> sum(dim(), 0);
  for (std::size_t h = 0; h < history.items.size(); ++h) {
    const auto item = history.items[h];
    axpy(history.weights[h] * item_scale_[item], vector(item).data(), sum.data(), dim());
  }
  return sum;
}

void SpectralWalk::save(Tensors& tensors) const {
  tensors.put("walk.vectors", Tensor::from<float>({items(), dim()}, vectors_));
  tensors.put("walk.item_scale", Tensor::from<float>({items()}, item_scale_));
  tensors.put("walk.strength", Tensor::from<float>({dim()}, strength_));
}

Result<SpectralWalk> SpectralWalk::load(const Tensors& tensors) {
  ZY_TRY(const auto vectors, tensors.get("walk.vectors", DType::kF32, std::array<std::size_t, 2>{0, 0}));
  ZY_TRY(const auto scale, tensors.get("walk.item_scale", DType::kF32, std::array<std::size_t, 1>{vectors.shape()[0]}));
  ZY_TRY(const auto strength,
         tensors.get("walk.strength", DType::kF32, std::array<std::size_t, 1>{vectors.shape()[1]}));
  if (vectors.size() == 0) return corrupt("walk.vectors is empty");
  if (!std::ranges::all_of(strength.as<float>(), [](float s) { return s >= 0 && s <= 1; }))
    return corrupt("walk.strength is not within 0 and 1");
  SpectralWalk walk;
  walk.vectors_.assign(vectors.as<float>().begin(), vectors.as<float>().end());
  walk.item_scale_.assign(scale.as<float>().begin(), scale.as<float>().end());
  walk.strength_.assign(strength.as<float>().begin(), strength.as<float>().end());
  return walk;
}

}  // namespace zhiyin
