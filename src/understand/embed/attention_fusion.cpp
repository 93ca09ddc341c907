#include "understand/embed/attention_fusion.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/kernels/vectors.h"
#include "base/nn/activations.h"
#include "base/nn/pooling.h"

namespace zhiyin {
namespace {

constexpr std::size_t kHeads = 4;

// One block of every row, brought to the length sqrt(dim): numbers of about 1, as weights are drawn for.
nn::Matrix slice(const nn::Matrix& blocks, const BlockPlace& place) {
  nn::Matrix out(blocks.rows(), place.dim);
  for (std::size_t r = 0; r < blocks.rows(); ++r)
    std::ranges::copy(blocks.row(r).subspan(place.offset, place.dim), out.row(r).begin());
  out = nn::unit_rows(std::move(out));
  for (auto& value : out.values()) value *= std::sqrt(static_cast<float>(place.dim));
  return out;
}

}  // namespace

AttentionFusion::AttentionFusion(std::vector<BlockPlace> places, Random& random)
    : places_(std::move(places)), norm_(kDim), attention_(kDim, kHeads, nn::Sight::kAll, random) {
  for (const auto& place : places_) projections_.emplace_back(place.dim, kDim, random);
}

nn::Sequences AttentionFusion::present(const nn::Matrix& blocks) const {
  nn::Sequences shape{blocks.rows(), places_.size(), {}};
  for (std::size_t r = 0; r < blocks.rows(); ++r) {
    for (const auto& [offset, dim] : places_) {
      shape.present.push_back(
          std::ranges::any_of(blocks.row(r).subspan(offset, dim), [](float x) { return x != 0; }) ? 1 : 0);
    }
  }
  return shape;
}

nn::Matrix AttentionFusion::tokens(const nn::Matrix& blocks, const nn::Sequences& present, Kept* keep) const {
  const auto count = places_.size();
  assert(present.batch == blocks.rows() && present.time == count);
  nn::Matrix projected(blocks.rows() * count, kDim);
  if (keep != nullptr) keep->blocks.resize(count);
  for (std::size_t m = 0; m < count; ++m) {
    const auto of_block =
        projections_[m].forward(slice(blocks, places_[m]), keep == nullptr ? nullptr : &keep->blocks[m]);
    for (std::size_t r = 0; r < blocks.rows(); ++r)
      std::ranges::copy(of_block.row(r), projected.row(r * count + m).begin());
  }
  auto mixed = attention_.forward(norm_.forward(projected, keep == nullptr ? nullptr : &keep->norm), present,
                                  keep == nullptr ? nullptr : &keep->attention);
  mixed += projected;
  return mixed;
}

nn::Matrix AttentionFusion::forward(const nn::Matrix& blocks, nn::Sequences present, Kept* keep) const {
  auto pooled = nn::mean_pool(tokens(blocks, present, keep), present);
  auto vectors = nn::unit_rows(pooled);
  if (keep != nullptr) {
    keep->present = std::move(present);
    keep->before = std::move(pooled);
    keep->after = vectors;
  }
  return vectors;
}

void AttentionFusion::backward(const nn::Matrix& dy, const Kept& kept) {
  const auto count = places_.size();
  auto d_tokens = nn::mean_pool_backward(nn::unit_rows_backward(dy, kept.before, kept.after), kept.present);
  d_tokens += norm_.backward(attention_.backward(d_tokens, kept.attention), kept.norm);
  for (std::size_t m = 0; m < count; ++m) {
    nn::Matrix of_block(kept.present.batch, kDim);
    for (std::size_t r = 0; r < kept.present.batch; ++r)
      std::ranges::copy(d_tokens.row(r * count + m), of_block.row(r).begin());
    projections_[m].backward(of_block, kept.blocks[m]);
  }
}

void AttentionFusion::enumerate(const std::string& name, nn::Parameters& all) {
  for (std::size_t m = 0; m < projections_.size(); ++m)
    projections_[m].enumerate(fmt::format("{}.block{}", name, m), all);
  norm_.enumerate(name + ".norm", all);
  attention_.enumerate(name + ".attention", all);
}

std::vector<float> AttentionFusion::fuse(std::span<const float> blocks, std::vector<float>* shares) const {
  const nn::Matrix row(1, blocks.size(), std::vector<float>(blocks.begin(), blocks.end()));
  const auto there = present(row);
  const auto parts = tokens(row, there, nullptr);
  const auto sum = nn::mean_pool(parts, there);
  if (shares != nullptr) {
    const float squares = dot(sum.row(0), sum.row(0));
    const auto count = static_cast<float>(std::ranges::count(there.present, 1));
    shares->assign(places_.size(), 0.0F);
    for (std::size_t m = 0; m < places_.size(); ++m) {
      if (there.has(0, m) && squares > 0) (*shares)[m] = dot(parts.row(m), sum.row(0)) / count / squares;
    }
  }
  return nn::unit_rows(sum).values();
}

}  // namespace zhiyin
