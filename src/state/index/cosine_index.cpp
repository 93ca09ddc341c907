#include "state/index/cosine_index.h"

#include "base/kernels/vectors.h"
#include "state/index/scan_index.h"

namespace zhiyin {

CosineIndex::CosineIndex(std::vector<float> rows, std::size_t dim, int threads)
    : index_(std::make_unique<ScanIndex>(unit_rows(std::move(rows), dim), threads)) {}

std::vector<Near> CosineIndex::search(std::span<const float> query, std::size_t k) const {
  std::vector<float> direction(query.begin(), query.end());
  if (!make_unit(direction)) return {};
  return index_->search(Query{direction}, k);
}

std::vector<std::vector<Near>> CosineIndex::search_rows(std::span<const std::uint32_t> rows, std::size_t k) const {
  std::vector<Query> queries;
  queries.reserve(rows.size());
  for (const auto row : rows) queries.push_back({index_->rows().row(row)});
  return index_->search(queries, k);
}

void CosineIndex::products(std::span<const std::uint32_t> rows, std::span<const float> vector,
                           std::span<float> out) const {
  picked_dots(index_->rows().values().data(), dim(), rows, vector.data(), out.data());
}

}  // namespace zhiyin
