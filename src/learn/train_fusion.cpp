#include "learn/train_fusion.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "base/nn/activations.h"
#include "base/nn/losses.h"
#include "base/nn/optimizers.h"
#include "learn/masked_blocks.h"

namespace zhiyin {
namespace {

std::span<const float> row_of(const ItemFeatures& features, std::size_t item) {
  return std::span(features.rows).subspan(item * features.dim, features.dim);
}

bool says_something(std::span<const float> row) {
  return std::ranges::any_of(row, [](float x) { return x != 0; });
}

// The items' blocks, each modality kept by chance, at least one of those an item has; and numbers hidden by chance.
nn::Matrix view(const ItemFeatures& blocks, std::span<const std::uint32_t> items, const std::vector<BlockPlace>& places,
                const FusionTraining& training, Random& random) {
  nn::Matrix rows(items.size(), blocks.dim);
  for (std::size_t r = 0; r < items.size(); ++r) {
    const auto from = row_of(blocks, items[r]);
    std::vector<BlockPlace> there;
    for (const auto& place : places) {
      if (says_something(from.subspan(place.offset, place.dim))) there.push_back(place);
    }
    const auto always = random.below(static_cast<std::uint32_t>(there.size()));
    for (std::size_t m = 0; m < there.size(); ++m) {
      if (random.uniform() >= training.keep_modality && m != always) continue;
      for (auto d = there[m].offset; d < there[m].offset + there[m].dim; ++d) {
        if (random.uniform() >= training.hide_number) rows.row(r)[d] = from[d];
      }
    }
  }
  return rows;
}

nn::Matrix rows_of(const ItemFeatures& features, std::span<const std::uint32_t> items) {
  nn::Matrix rows(items.size(), features.dim);
  for (std::size_t r = 0; r < items.size(); ++r) std::ranges::copy(row_of(features, items[r]), rows.row(r).begin());
  return rows;
}

// What the fused vectors `ours` miss of the collaborative ones, where there are two that have any: adds the gradient.
void towards_behaviour(nn::Dense& towards, const nn::Matrix& ours, const nn::Matrix& theirs,
                       const FusionTraining& training, nn::Matrix& gradient) {
  std::vector<std::size_t> touched;
  for (std::size_t r = 0; r < theirs.rows(); ++r) {
    if (says_something(theirs.row(r))) touched.push_back(r);
  }
  if (touched.size() < 2) return;
  nn::Matrix from(touched.size(), ours.columns());
  nn::Matrix to(touched.size(), theirs.columns());
  for (std::size_t r = 0; r < touched.size(); ++r) {
    std::ranges::copy(ours.row(touched[r]), from.row(r).begin());
    std::ranges::copy(theirs.row(touched[r]), to.row(r).begin());
  }
  nn::Dense::Kept kept;
  const auto projected = towards.forward(std::move(from), &kept);
  const auto unit = nn::unit_rows(projected);
  auto loss = nn::info_nce(unit, nn::unit_rows(std::move(to)), training.temperature);
  for (auto& g : loss.gradient_a.values()) g *= training.behaviour_weight;
  const auto back = towards.backward(nn::unit_rows_backward(std::move(loss.gradient_a), projected, unit), kept);
  for (std::size_t r = 0; r < touched.size(); ++r) {
    for (std::size_t d = 0; d < back.columns(); ++d) gradient.row(touched[r])[d] += back.row(r)[d];
  }
}

}  // namespace

std::shared_ptr<AttentionFusion> train_fusion(std::vector<BlockPlace> places, const ItemFeatures& blocks,
                                              const ItemFeatures* behaviour, const FusionTraining& training) {
  Random random(training.seed, 3);
  auto fusion = std::make_shared<AttentionFusion>(std::move(places), random);
  nn::Dense towards(AttentionFusion::kDim, behaviour == nullptr ? 1 : behaviour->dim, random);
  nn::Parameters all;
  fusion->enumerate("fusion", all);
  towards.enumerate("towards", all);
  std::optional<MaskedBlocks> masked;
  if (training.masked > 0) {
    Random heads(training.seed, 4);
    masked.emplace(fusion->places(), heads);
    masked->enumerate("masked", all);
  }
  nn::Adam adam(all, {.rate = training.rate, .weight_decay = 1e-2F, .most_norm = 5});

  std::vector<std::uint32_t> order;
  for (std::uint32_t item = 0; item < blocks.rows.size() / std::max<std::size_t>(blocks.dim, 1); ++item) {
    if (says_something(row_of(blocks, item))) order.push_back(item);
  }
  if (order.size() < 2) return fusion;
  const auto batches = std::max<std::size_t>(order.size() / training.batch, 1);
  for (int epoch = 0; epoch < training.epochs; ++epoch) {
    random.shuffle(std::span(order));
    for (std::size_t b = 0; b < batches; ++b) {
      const auto first = b * order.size() / batches;
      const auto items = std::span<const std::uint32_t>(order).subspan(first, (b + 1) * order.size() / batches - first);
      AttentionFusion::Kept kept_a;
      AttentionFusion::Kept kept_b;
      const auto blocks_a = view(blocks, items, fusion->places(), training, random);
      const auto blocks_b = view(blocks, items, fusion->places(), training, random);
      const auto a = fusion->forward(blocks_a, fusion->present(blocks_a), &kept_a);
      const auto b_side = fusion->forward(blocks_b, fusion->present(blocks_b), &kept_b);
      auto views = nn::info_nce(a, b_side, training.temperature);
      if (behaviour != nullptr) towards_behaviour(towards, a, rows_of(*behaviour, items), training, views.gradient_a);
      if (masked) {
        const auto all_blocks = rows_of(blocks, items);
        const auto there = fusion->present(all_blocks);
        views.gradient_a += masked->ask(a, all_blocks, there, fusion->present(blocks_a), training.masked).gradient;
        views.gradient_b += masked->ask(b_side, all_blocks, there, fusion->present(blocks_b), training.masked).gradient;
      }
      fusion->backward(views.gradient_a, kept_a);
      fusion->backward(views.gradient_b, kept_b);
      adam.step();
    }
  }
  return fusion;
}

}  // namespace zhiyin
