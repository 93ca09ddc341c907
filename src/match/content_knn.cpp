#include "match/content_knn.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/kernels/vectors.h"

namespace zhiyin {

Result<void> ContentKnn::train(const TrainingData& data, const TrainContext&) {
  if (data.features == nullptr || data.features->dim == 0) return invalid("no item has content vectors: scan media, or give features");
  items_ = data.interactions.items();
  dim_ = data.features->dim;
  rows_ = data.features->rows;
  if (rows_.size() != items_ * dim_) return invalid("the content vectors do not fit the items");
  for (std::size_t item = 0; item < items_; ++item) {
    const auto row = std::span(rows_).subspan(item * dim_, dim_);
    const float length = std::sqrt(dot(row, row));
    if (!std::isfinite(length)) return invalid("a content vector is not finite");
    for (auto& value : row) value = length > 0 ? value / length : 0;
  }
  return {};
}

void ContentKnn::score(const History& history, std::span<float> scores) const {
  std::vector<float> profile(dim_, 0);
  for (std::size_t h = 0; h < history.items.size(); ++h) {
    axpy(history.weights[h] / static_cast<float>(history.items.size()), rows_.data() + history.items[h] * dim_, profile.data(), dim_);
  }
  row_dots(rows_.data(), items_, dim_, profile.data(), scores.data());
}

std::vector<Contribution> ContentKnn::explain(const History& history, ItemIndex item) const {
  std::vector<Contribution> shares;
  const auto* target = rows_.data() + item * dim_;
  for (std::size_t h = 0; h < history.items.size(); ++h) {
    const float alike = dot(rows_.data() + history.items[h] * dim_, target, dim_);
    shares.push_back({history.items[h], history.weights[h] * alike / static_cast<float>(history.items.size())});
  }
  std::ranges::stable_sort(shares, std::greater{}, &Contribution::share);
  return shares;
}

void ContentKnn::save(Tensors& tensors) const { tensors.put("rows", Tensor::from<float>({items_, dim_}, rows_)); }

Result<void> ContentKnn::load(const Tensors& tensors) {
  ZY_TRY(const auto rows, tensors.get("rows", DType::kF32, std::array<std::size_t, 2>{0, 0}));
  items_ = rows.shape()[0];
  dim_ = rows.shape()[1];
  const auto values = rows.as<float>();
  rows_.assign(values.begin(), values.end());
  return {};
}

}  // namespace zhiyin
