#include "match/content/item_tower.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/kernels/vectors.h"

namespace zhiyin {

ItemTower::ItemTower(std::vector<std::size_t> blocks, std::size_t items, std::size_t dim, Random& random)
    : blocks_(std::move(blocks)),
      own_(items, dim, 1 / std::sqrt(static_cast<float>(dim)), random),
      question_(1, dim),
      preference_(1, blocks_.size() + 1) {
  for (const auto block : blocks_) projections_.emplace_back(block, dim, random);
}

nn::Matrix ItemTower::forward(std::vector<std::uint32_t> ids, const nn::Matrix& content,
                              std::vector<std::uint8_t> present, Kept* keep) const {
  const auto rows = ids.size();
  const auto count = parts();
  const auto dim = question_.value.columns();
  assert(content.rows() == rows && present.size() == rows * count);
  Kept kept;
  kept.parts = nn::Matrix(rows * count, dim);
  kept.projections.resize(projections_.size());
  const auto put = [&](std::size_t part, const nn::Matrix& vectors) {
    for (std::size_t r = 0; r < rows; ++r) std::ranges::copy(vectors.row(r), kept.parts.row(r * count + part).begin());
  };
  std::size_t begin = 0;
  for (std::size_t m = 0; m < projections_.size(); ++m) {
    nn::Matrix x(rows, blocks_[m]);
    for (std::size_t r = 0; r < rows; ++r)
      std::ranges::copy(content.row(r).subspan(begin, blocks_[m]), x.row(r).begin());
    put(m, projections_[m].forward(std::move(x), &kept.projections[m]));
    begin += blocks_[m];
  }
  put(count - 1, own_.forward(ids));

  kept.weights = nn::Matrix(rows, count);
  const float scale = 1 / std::sqrt(static_cast<float>(dim));
  nn::Matrix vectors(rows, dim);
  for (std::size_t r = 0; r < rows; ++r) {
    const auto a = kept.weights.row(r);
    for (std::size_t p = 0; p < count; ++p)
      a[p] = present[r * count + p] == 0
                 ? -INFINITY
                 : preference_.value.row(0)[p] + scale * dot(kept.parts.row(r * count + p), question_.value.row(0));
    softmax(a.data(), count);
    for (std::size_t p = 0; p < count; ++p)
      axpy(a[p], kept.parts.row(r * count + p).data(), vectors.row(r).data(), dim);
  }
  if (keep != nullptr) {
    kept.ids = std::move(ids);
    kept.present = std::move(present);
    *keep = std::move(kept);
  }
  return vectors;
}

// With e the logits: da_p = dh.part_p, de_p = a_p (da_p - sum_q a_q da_q). A missing part has a = 0, so nothing reaches
// it.
void ItemTower::backward(const nn::Matrix& dy, const Kept& kept) {
  const auto rows = dy.rows();
  const auto dim = dy.columns();
  const auto count = parts();
  const float scale = 1 / std::sqrt(static_cast<float>(dim));
  std::vector<nn::Matrix> by_part(count, nn::Matrix(rows, dim));
  std::vector<float> da(count);
  for (std::size_t r = 0; r < rows; ++r) {
    const auto a = kept.weights.row(r);
    float mean = 0;
    for (std::size_t p = 0; p < count; ++p) {
      da[p] = dot(dy.row(r), kept.parts.row(r * count + p));
      mean += a[p] * da[p];
    }
    for (std::size_t p = 0; p < count; ++p) {
      const float de = a[p] * (da[p] - mean);
      const auto by = by_part[p].row(r);
      axpy(a[p], dy.row(r).data(), by.data(), dim);
      axpy(scale * de, question_.value.data(), by.data(), dim);
      axpy(scale * de, kept.parts.row(r * count + p).data(), question_.gradient.data(), dim);
      preference_.gradient.row(0)[p] += de;
    }
  }
  for (std::size_t m = 0; m < projections_.size(); ++m) {
    // A projection's bias must not learn from rows where its modality is missing; their gradients are zeros.
    projections_[m].backward(by_part[m], kept.projections[m]);
  }
  std::vector<std::uint32_t> there;
  nn::Matrix own_rows(rows, dim);
  for (std::size_t r = 0; r < rows; ++r) {
    if (kept.present[r * count + count - 1] == 0) continue;
    std::ranges::copy(by_part.back().row(r), own_rows.row(there.size()).begin());
    there.push_back(kept.ids[r]);
  }
  nn::Matrix by_own(there.size(), dim);
  std::copy_n(own_rows.values().begin(), by_own.size(), by_own.values().begin());
  own_.backward(by_own, there);
}

void ItemTower::enumerate(nn::Parameters& all) {
  for (std::size_t m = 0; m < projections_.size(); ++m) projections_[m].enumerate(fmt::format("modality{}", m), all);
  own_.enumerate("own", all);
  all.push_back({"question", &question_});
  all.push_back({"preference", &preference_});
}

}  // namespace zhiyin
