#include "learn/eval/t6_learned.h"

#include <algorithm>

#include "learn/behaviour.h"
#include "learn/eval/ranking.h"
#include "learn/train_fusion.h"
#include "match/factors/ials.h"
#include "understand/embed/fusion.h"

namespace zhiyin {
namespace {

std::vector<std::vector<ModalityVector>> modalities_of(const ItemFeatures& features) {
  const auto sound = features.blocks.front().dim;
  std::vector<std::vector<ModalityVector>> items;
  for (std::size_t first = 0; first < features.rows.size(); first += features.dim) {
    const auto row = std::span(features.rows).subspan(first, features.dim);
    const auto part = [](std::span<const float> values) { return std::vector<float>(values.begin(), values.end()); };
    items.push_back({{"sound.t6", 1, part(row.first(sound))}, {"vision.t6", 1, part(row.subspan(sound))}});
  }
  return items;
}

}  // namespace

Result<ItemFeatures> with_learned_fusion(const ItemFeatures& features, const Interactions& warm, std::uint64_t seed,
                                         int threads) {
  ZY_TRY(const auto fitted, fit("ials", {{"factors", 256}, {"alpha0", 0.01}, {"strength", 3}, {"epochs", 6}},
                                {.interactions = warm}, seed, threads));
  const auto behaviour = collaborative_vectors(dynamic_cast<const Ials&>(*fitted.model).item_factors());
  const auto items = modalities_of(features);
  auto fusion = FusionModel::fit(items);
  ItemFeatures blocks{fusion.dim(), {}};
  for (const auto& item : items) {
    const auto row = fusion.base_line(item);
    blocks.rows.insert(blocks.rows.end(), row.begin(), row.end());
  }
  fusion.learn(train_fusion(fusion.places(), blocks, &behaviour, {.seed = seed}));
  ItemFeatures out{features.dim + AttentionFusion::kDim, {}, features.blocks};
  out.blocks.push_back({.dim = AttentionFusion::kDim, .neighbours = {}, .kernel = {}});
  for (std::size_t item = 0; item < items.size(); ++item) {
    const auto row = std::span(features.rows).subspan(item * features.dim, features.dim);
    const auto learned = fusion.fuse(items[item]);
    out.rows.insert(out.rows.end(), row.begin(), row.end());
    out.rows.insert(out.rows.end(), learned.begin(), learned.end());
  }
  return out;
}

}  // namespace zhiyin
