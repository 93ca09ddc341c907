#include "match/linear/item_weights.h"

#include <algorithm>
#include <cmath>

#include "base/threads.h"

namespace zhiyin {

NeighbourLists pruned(std::span<const float> weights, std::size_t items, std::size_t keep, int threads) {
  constexpr std::size_t kColumns = 16;  // read together, for they share cache lines
  std::vector<std::vector<Neighbour>> of_target(items);
  parallel_for(items, kColumns, threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<std::vector<Neighbour>> columns(end - begin);
    for (ItemIndex row = 0; row < items; ++row) {
      for (auto column = begin; column < end; ++column) {
        const float weight = weights[row * items + column];
        if (weight != 0) columns[column - begin].push_back({row, weight});
      }
    }
    const auto stronger = [](const Neighbour& a, const Neighbour& b) {
      const float one = std::abs(a.similarity);
      const float other = std::abs(b.similarity);
      return one != other ? one > other : a.item < b.item;
    };
    for (auto column = begin; column < end; ++column) {
      auto& found = columns[column - begin];
      if (keep < found.size()) {
        std::ranges::nth_element(found, found.begin() + static_cast<std::ptrdiff_t>(keep), stronger);
        found.resize(keep);
      }
      of_target[column] = std::vector(found.begin(), found.end());  // as long as it need be
    }
  });
  return NeighbourLists(of_target);
}

ItemWeights::ItemWeights(std::vector<float> weights, std::size_t items, std::size_t keep, int threads) {
  if (keep == 0)
    matrix_ = DenseWeights(std::move(weights), items);
  else
    matrix_ = pruned(weights, items, keep, threads);
}

Result<ItemWeights> ItemWeights::load(const Tensors& tensors) {
  ItemWeights loaded;
  if (tensors.has("offsets")) {
    ZY_TRY(loaded.matrix_, NeighbourLists::load(tensors));
  } else {
    ZY_TRY(loaded.matrix_, DenseWeights::load(tensors));
  }
  return loaded;
}

}  // namespace zhiyin
