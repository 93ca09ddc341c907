#include "learn/masked_blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/nn/activations.h"

namespace zhiyin {

MaskedBlocks::MaskedBlocks(std::vector<BlockPlace> places, Random& random) : places_(std::move(places)) {
  for (const auto& place : places_) heads_.emplace_back(AttentionFusion::kDim, place.dim, random);
}

nn::Loss MaskedBlocks::ask(const nn::Matrix& fused, const nn::Matrix& blocks, const nn::Sequences& there,
                           const nn::Sequences& seen, float weight) {
  nn::Loss loss{0, nn::Matrix(fused.rows(), fused.columns())};
  const auto hidden = [&](std::size_t r, std::size_t m) { return there.has(r, m) && !seen.has(r, m); };
  std::size_t asked = 0;
  for (std::size_t r = 0; r < fused.rows(); ++r) {
    for (std::size_t m = 0; m < places_.size(); ++m) asked += hidden(r, m) ? 1 : 0;
  }
  for (std::size_t m = 0; m < places_.size(); ++m) {
    const auto& [offset, dim] = places_[m];
    std::vector<std::size_t> rows;
    for (std::size_t r = 0; r < fused.rows(); ++r) {
      if (hidden(r, m)) rows.push_back(r);
    }
    if (rows.empty()) continue;
    nn::Matrix vectors(rows.size(), fused.columns());
    nn::Matrix targets(rows.size(), dim);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      std::ranges::copy(fused.row(rows[k]), vectors.row(k).begin());
      std::ranges::copy(blocks.row(rows[k]).subspan(offset, dim), targets.row(k).begin());
    }
    targets = nn::unit_rows(std::move(targets));
    for (auto& value : targets.values()) value *= std::sqrt(static_cast<float>(dim));
    nn::Dense::Kept kept;
    auto missed = nn::squared_error(heads_[m].forward(std::move(vectors), &kept), targets);
    const double share = static_cast<double>(rows.size()) / static_cast<double>(asked * dim);
    loss.value += share * missed.value;
    for (auto& g : missed.gradient.values()) g *= weight * static_cast<float>(share);
    const auto back = heads_[m].backward(missed.gradient, kept);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      for (std::size_t d = 0; d < back.columns(); ++d) loss.gradient.row(rows[k])[d] += back.row(k)[d];
    }
  }
  return loss;
}

void MaskedBlocks::enumerate(const std::string& name, nn::Parameters& all) {
  for (std::size_t m = 0; m < heads_.size(); ++m) heads_[m].enumerate(fmt::format("{}.head{}", name, m), all);
}

}  // namespace zhiyin
