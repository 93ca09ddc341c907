#include "state/index/cosine_index.h"

#include <algorithm>

#include "base/clock.h"
#include "base/kernels/vectors.h"
#include "state/index/scan_index.h"

namespace zhiyin {

CosineIndex::CosineIndex(std::vector<float> rows, std::size_t dim, int threads)
    : CosineIndex(std::make_unique<ScanIndex>(unit_rows(std::move(rows), dim), threads)) {}

CosineIndex::CosineIndex(std::unique_ptr<const VectorIndex> index, std::size_t keep)
    : index_(std::move(index)), most_kept_(keep), kept_(keep > 0 ? index_->rows().size() : 0) {}

CosineIndex::~CosineIndex() {
  for (const auto& kept : kept_) delete kept.load(std::memory_order_relaxed);
}

std::vector<Near> CosineIndex::search(std::span<const float> query, std::size_t k) const {
  std::vector<float> direction(query.begin(), query.end());
  if (!make_unit(direction)) return {};
  return index_->search(Query{direction}, k);
}

std::vector<std::vector<Near>> CosineIndex::search_rows(std::span<const std::uint32_t> rows, std::size_t k) const {
  std::vector<std::vector<Near>> results(rows.size());
  std::vector<Query> queries;
  std::vector<std::size_t> unknown;  // places in rows
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto* kept = kept_.empty() ? nullptr : kept_[rows[r]].load(std::memory_order_acquire);
    if (kept != nullptr && kept->k >= k) {
      const auto& near = kept->neighbours;
      results[r].assign(near.begin(), near.begin() + static_cast<std::ptrdiff_t>(std::min(k, near.size())));
      continue;
    }
    queries.push_back({index_->rows().row(rows[r])});
    unknown.push_back(r);
  }
  auto found = index_->search(queries, k);
  for (std::size_t q = 0; q < unknown.size(); ++q) {
    keep(rows[unknown[q]], k, found[q]);
    results[unknown[q]] = std::move(found[q]);
  }
  return results;
}

std::vector<std::vector<Near>> CosineIndex::search_rows_anew(std::span<const std::uint32_t> rows, std::size_t k) const {
  std::vector<Query> queries;
  for (const auto row : rows) queries.push_back({index_->rows().row(row)});
  return index_->search(queries, k);
}

bool CosineIndex::find_ahead(std::size_t k, double seconds) const {
  constexpr std::size_t kBatch = 48;
  const Stopwatch watch;
  const auto left = [&] {
    return found_ahead_.load(std::memory_order_relaxed) < kept_.size() &&
           count_kept_.load(std::memory_order_relaxed) < most_kept_;
  };
  while (left() && watch.seconds() < seconds) {
    const auto begin = found_ahead_.fetch_add(kBatch);
    std::vector<std::uint32_t> rows;
    for (auto row = begin; row < std::min(begin + kBatch, kept_.size()); ++row)
      rows.push_back(static_cast<std::uint32_t>(row));
    static_cast<void>(search_rows(rows, k));
  }
  return left();
}

// A row that is kept for a smaller k stays so: whoever reads it may be reading it now.
void CosineIndex::keep(std::uint32_t row, std::size_t k, const std::vector<Near>& neighbours) const {
  if (kept_.empty() || count_kept_.load(std::memory_order_relaxed) >= most_kept_) return;
  auto kept = std::make_unique<const Kept>(Kept{k, neighbours});
  const Kept* nobody = nullptr;
  if (!kept_[row].compare_exchange_strong(nobody, kept.get(), std::memory_order_release, std::memory_order_relaxed))
    return;
  static_cast<void>(kept.release());
  count_kept_.fetch_add(1, std::memory_order_relaxed);
}

void CosineIndex::products(std::span<const std::uint32_t> rows, std::span<const float> vector,
                           std::span<float> out) const {
  picked_dots(index_->rows().values().data(), dim(), rows, vector.data(), out.data());
}

}  // namespace zhiyin
