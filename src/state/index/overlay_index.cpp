#include "state/index/overlay_index.h"

#include <algorithm>

#include "state/index/scan_index.h"

namespace zhiyin {

OverlayIndex::OverlayIndex(std::shared_ptr<const VectorIndex> below, VectorRows rows,
                           std::vector<std::uint32_t> changed)
    : below_(std::move(below)),
      rows_(std::move(rows)),
      changed_(std::move(changed)),
      unchanged_(below_->rows().size()) {
  for (std::size_t row = 0; row < unchanged_.size(); ++row) unchanged_.set(row);
  for (const auto row : changed_) {
    if (row < unchanged_.size()) unchanged_.clear(row);
  }
  std::ranges::sort(changed_);
  changed_.erase(std::ranges::unique(changed_).begin(), changed_.end());
  std::erase_if(changed_, [&](std::uint32_t row) { return !has_direction(rows_.row(row)); });
}

std::size_t OverlayIndex::bytes() const {
  return below_->bytes() + changed_.size() * sizeof(std::uint32_t) + unchanged_.words().size_bytes();
}

std::vector<std::vector<Near>> OverlayIndex::search(std::span<const Query> queries, std::size_t k) const {
  std::vector<Bitmap> filters(queries.size());
  std::vector<Query> asked;
  for (std::size_t q = 0; q < queries.size(); ++q) {
    const auto* allowed = queries[q].allowed;
    if (allowed != nullptr) filters[q] = unchanged_.both(*allowed);
    asked.push_back({queries[q].vector, allowed == nullptr ? &unchanged_ : &filters[q]});
  }
  auto results = below_->search(asked, k);
  std::vector<std::uint32_t> rows;
  for (std::size_t q = 0; q < queries.size(); ++q) {
    if (!has_direction(queries[q].vector)) continue;
    rows = changed_;
    if (queries[q].allowed != nullptr)
      std::erase_if(rows, [&](std::uint32_t row) { return !(*queries[q].allowed)[row]; });
    const auto more = best_of(rows_, queries[q].vector, rows, k);
    auto& result = results[q];
    result.insert(result.end(), more.begin(), more.end());
    std::ranges::inplace_merge(result, result.end() - static_cast<std::ptrdiff_t>(more.size()), nearer);
    if (result.size() > k) result.resize(k);
  }
  return results;
}

}  // namespace zhiyin
