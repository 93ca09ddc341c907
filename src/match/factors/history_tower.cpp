#include "match/factors/history_tower.h"

#include <algorithm>
#include <cmath>

#include "base/kernels/vectors.h"

namespace zhiyin {
namespace {

float scale_of(float count, float power) { return count > 0.5F ? std::pow(count, -power) : 0; }

}  // namespace

nn::Matrix pool_others(const nn::Matrix& places, std::vector<std::size_t> ends, float power, float dropout,
                       Random& random, PoolKept& kept) {
  const auto dim = places.columns();
  kept = {std::move(ends), std::vector<float>(places.rows()), std::vector<float>(places.rows())};
  nn::Matrix users(places.rows(), dim);
  std::vector<float> sum(dim);
  std::size_t begin = 0;
  for (const auto end : kept.ends) {
    std::ranges::fill(sum, 0.0F);
    float count = 0;
    for (auto k = begin; k < end; ++k) {
      kept.shares[k] = dropout > 0 && random.uniform() < dropout ? 0 : 1;
      count += kept.shares[k];
      axpy(kept.shares[k], places.row(k).data(), sum.data(), dim);
    }
    for (auto k = begin; k < end; ++k) {
      kept.scales[k] = scale_of(count - kept.shares[k], power);
      axpy(kept.scales[k], sum.data(), users.row(k).data(), dim);
      axpy(-kept.scales[k] * kept.shares[k], places.row(k).data(), users.row(k).data(), dim);
    }
    begin = end;
  }
  return users;
}

// Each item is in the sum of every place of its user but its own.
nn::Matrix pool_others_backward(const nn::Matrix& dy, const PoolKept& kept) {
  const auto dim = dy.columns();
  nn::Matrix d_places(dy.rows(), dim);
  std::vector<float> sum(dim);
  std::size_t begin = 0;
  for (const auto end : kept.ends) {
    std::ranges::fill(sum, 0.0F);
    for (auto k = begin; k < end; ++k) axpy(kept.scales[k], dy.row(k).data(), sum.data(), dim);
    for (auto k = begin; k < end; ++k) {
      axpy(kept.shares[k], sum.data(), d_places.row(k).data(), dim);
      axpy(-kept.shares[k] * kept.scales[k], dy.row(k).data(), d_places.row(k).data(), dim);
    }
    begin = end;
  }
  return d_places;
}

std::vector<float> pool(const History& history, const nn::Matrix& table, float power) {
  std::vector<float> sum(table.columns(), 0);
  const auto scale = scale_of(static_cast<float>(history.items.size()), power);
  for (std::size_t k = 0; k < history.items.size(); ++k)
    axpy(scale * history.weights[k], table.row(history.items[k]).data(), sum.data(), sum.size());
  return sum;
}

nn::Matrix HistoryTower::forward(std::span<const std::vector<ItemIndex>> rows, float dropout, Random& random,
                                 Kept& kept) const {
  kept.items.clear();
  std::vector<std::size_t> ends;
  for (const auto& row : rows) {
    kept.items.insert(kept.items.end(), row.begin(), row.end());
    ends.push_back(kept.items.size());
  }
  return pool_others(table_.forward(kept.items), std::move(ends), power_, dropout, random, kept.pool);
}

void HistoryTower::backward(const nn::Matrix& dy, const Kept& kept) {
  table_.backward(pool_others_backward(dy, kept.pool), kept.items);
}

}  // namespace zhiyin
