#include "match/factors/history_tower.h"

#include <algorithm>
#include <cmath>

#include "base/kernels/vectors.h"

namespace zhiyin {
namespace {

float scale_of(float count, float power) { return count > 0.5F ? std::pow(count, -power) : 0; }

}  // namespace

nn::Matrix HistoryTower::forward(std::span<const std::vector<ItemIndex>> rows, float dropout, Random& random,
                                 Kept& kept) const {
  kept = {};
  for (const auto& row : rows) {
    kept.items.insert(kept.items.end(), row.begin(), row.end());
    kept.ends.push_back(kept.items.size());
  }
  const auto width = dim();
  const auto& table = table_.table();
  nn::Matrix users(kept.items.size(), width);
  kept.shares.resize(kept.items.size());
  kept.scales.resize(kept.items.size());
  std::vector<float> sum(width);
  std::size_t begin = 0;
  for (const auto end : kept.ends) {
    std::ranges::fill(sum, 0.0F);
    float count = 0;
    for (auto k = begin; k < end; ++k) {
      kept.shares[k] = dropout > 0 && random.uniform() < dropout ? 0 : 1;
      count += kept.shares[k];
      axpy(kept.shares[k], table.row(kept.items[k]).data(), sum.data(), width);
    }
    for (auto k = begin; k < end; ++k) {
      kept.scales[k] = scale_of(count - kept.shares[k], power_);
      const auto user = users.row(k);
      axpy(kept.scales[k], sum.data(), user.data(), width);
      axpy(-kept.scales[k] * kept.shares[k], table.row(kept.items[k]).data(), user.data(), width);
    }
    begin = end;
  }
  return users;
}

// Each item is in the sum of every place of its row but its own.
void HistoryTower::backward(const nn::Matrix& dy, const Kept& kept) {
  const auto width = dim();
  nn::Matrix d_items(kept.items.size(), width);
  std::vector<float> sum(width);
  std::size_t begin = 0;
  for (const auto end : kept.ends) {
    std::ranges::fill(sum, 0.0F);
    for (auto k = begin; k < end; ++k) axpy(kept.scales[k], dy.row(k).data(), sum.data(), width);
    for (auto k = begin; k < end; ++k) {
      axpy(kept.shares[k], sum.data(), d_items.row(k).data(), width);
      axpy(-kept.shares[k] * kept.scales[k], dy.row(k).data(), d_items.row(k).data(), width);
    }
    begin = end;
  }
  table_.backward(d_items, kept.items);
}

std::vector<float> HistoryTower::user(const History& history) const {
  std::vector<float> sum(dim(), 0);
  const auto scale = scale_of(static_cast<float>(history.items.size()), power_);
  for (std::size_t k = 0; k < history.items.size(); ++k)
    axpy(scale * history.weights[k], table_.table().row(history.items[k]).data(), sum.data(), sum.size());
  return sum;
}

}  // namespace zhiyin
