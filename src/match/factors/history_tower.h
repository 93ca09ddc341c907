// A user as the sum of what they touched (FISM; Kabbur, Ning and Karypis 2013):
//
//   u = |H|^-power sum_{j in H} w_j
//
// so that a history never seen before is a user like any other. In training the item that is asked for is taken out of
// its own history, and each item is left out with chance `dropout`; nobody left is a vector of zeros.
#pragma once

#include "base/nn/embedding.h"
#include "match/model.h"

namespace zhiyin {

// The sums alone, of any vectors: a place is one item of one user, the places of a user stand together.
struct PoolKept {
  std::vector<std::size_t> ends;  // by user, where their places end
  std::vector<float> shares;      // by place: 1 if it counts
  std::vector<float> scales;      // by place: |H|^-power of the history without it
};
nn::Matrix pool_others(const nn::Matrix& places, std::vector<std::size_t> ends, float power, float dropout,
                       Random& random, PoolKept& kept);
nn::Matrix pool_others_backward(const nn::Matrix& dy, const PoolKept& kept);

// u of a history, its weights as factors of the rows of `table`. Zeros for an empty one.
std::vector<float> pool(const History& history, const nn::Matrix& table, float power);

class HistoryTower {
 public:
  struct Kept {
    std::vector<std::uint32_t> items;  // by place
    PoolKept pool;
  };

  HistoryTower(std::size_t items, std::size_t dim, float power, Random& random)
      : power_(power), table_(items, dim, 1 / std::sqrt(static_cast<float>(dim)), random) {}

  // One vector for each item of each row: the row's history without that item. Rows one after the other.
  nn::Matrix forward(std::span<const std::vector<ItemIndex>> rows, float dropout, Random& random, Kept& kept) const;
  void backward(const nn::Matrix& dy, const Kept& kept);

  [[nodiscard]] std::vector<float> user(const History& history) const { return pool(history, table_.table(), power_); }

  void enumerate(nn::Parameters& all) { table_.enumerate("history", all); }
  [[nodiscard]] std::size_t dim() const { return table_.table().columns(); }

 private:
  float power_;
  nn::Embedding table_;
};

}  // namespace zhiyin
