#include "match/content/content_knn.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/kernels/linalg.h"
#include "base/threads.h"
#include "match/content/whitening.h"

namespace zhiyin {
namespace {

constexpr std::size_t kBlock = 64;  // items that are compared at a time

std::vector<ItemIndex> possible_neighbours(const Interactions& interactions, std::size_t wanted) {
  const auto counts = interactions.item_counts();
  std::vector<ItemIndex> items(interactions.items());
  std::iota(items.begin(), items.end(), ItemIndex{0});
  const auto untouched = [&](ItemIndex item) { return counts[item] == 0; };
  const auto touched = items.size() - static_cast<std::size_t>(std::ranges::count_if(items, untouched));
  if (touched >= wanted) std::erase_if(items, untouched);
  return items;
}

}  // namespace

Result<void> ContentKnn::train(const TrainingData& data, const TrainContext& context) {
  const auto items = data.interactions.items();
  ZY_TRY(const auto rows, whitened(data.features, items, &ModalityBlock::neighbours, context.threads));
  const auto dim = data.features->dim;
  const auto keep = static_cast<std::size_t>(std::max(1.0, params_["neighbours"]));
  const auto candidates = possible_neighbours(data.interactions, keep);
  std::vector<float> candidate_rows;
  for (const auto item : candidates)
    candidate_rows.insert(candidate_rows.end(), rows.begin() + static_cast<std::ptrdiff_t>(item * dim),
                          rows.begin() + static_cast<std::ptrdiff_t>((item + 1) * dim));

  std::vector<std::vector<Neighbour>> neighbours(items);
  parallel_for(items, kBlock, context.threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<float> alike((end - begin) * candidates.size());
    gemm(Transpose::kNo, Transpose::kYes, end - begin, candidates.size(), dim, 1, rows.data() + begin * dim,
         candidate_rows.data(), 0, alike.data());
    for (auto target = begin; target < end; ++target) {
      auto& found = neighbours[target];
      const auto* cosines = alike.data() + (target - begin) * candidates.size();
      for (std::size_t c = 0; c < candidates.size(); ++c) {
        if (cosines[c] > 0 && candidates[c] != target) found.push_back({candidates[c], cosines[c]});
      }
      keep_nearest(found, keep);
      double sum = 0;
      for (auto& neighbour : found) {
        neighbour.similarity = static_cast<float>(std::pow(neighbour.similarity, params_.at("power")));
        sum += neighbour.similarity;
      }
      const double share = sum > 0 ? std::pow(sum, -params_.at("hub")) : 0;
      for (auto& neighbour : found) neighbour.similarity = static_cast<float>(neighbour.similarity * share);
      found.shrink_to_fit();
    }
  });
  lists_ = NeighbourLists(neighbours);
  return {};
}

Result<void> ContentKnn::load(const Tensors& tensors) {
  ZY_TRY(lists_, NeighbourLists::load(tensors));
  return {};
}

}  // namespace zhiyin
