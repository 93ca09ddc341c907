#include "state/index/index.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/kernels/vectors.h"

namespace zhiyin {
namespace {

// Brings the row to unit length. One without direction (all zero, or not finite) becomes zeros: false.
bool normalise(std::span<float> row) {
  double squares = 0;
  for (const float x : row) squares += double{x} * x;
  if (!(squares > 0) || !std::isfinite(squares)) {
    std::ranges::fill(row, 0.0F);
    return false;
  }
  const double scale = 1 / std::sqrt(squares);
  for (float& x : row) x = static_cast<float>(x * scale);
  return true;
}

// Best first, ties to the lower row.
bool better(const Neighbour& a, const Neighbour& b) {
  return a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row;
}

}  // namespace

FlatIndex::FlatIndex(std::span<const float> rows, std::size_t dim) : dim_(dim), rows_(rows.begin(), rows.end()) {
  assert(dim > 0 ? rows.size() % dim == 0 : rows.empty());
  for (std::size_t i = 0; i < size(); ++i) normalise(std::span(rows_).subspan(i * dim_, dim_));
}

std::vector<Neighbour> FlatIndex::search(std::span<const float> query, std::size_t k) const {
  assert(query.size() == dim_);
  std::vector<float> direction(query.begin(), query.end());
  if (k == 0 || !normalise(direction)) return {};
  // The k best so far, as a heap with the worst of them in front.
  std::vector<Neighbour> best;
  best.reserve(std::min(k, size()) + 1);
  for (std::size_t i = 0; i < size(); ++i) {
    const Neighbour found{static_cast<std::uint32_t>(i), dot(direction.data(), &rows_[i * dim_], dim_)};
    if (best.size() == k && !better(found, best.front())) continue;
    if (found.similarity == 0 && std::ranges::all_of(row(i), [](float x) { return x == 0; })) continue;
    best.push_back(found);
    std::ranges::push_heap(best, better);
    if (best.size() > k) {
      std::ranges::pop_heap(best, better);
      best.pop_back();
    }
  }
  std::ranges::sort_heap(best, better);
  return best;
}

}  // namespace zhiyin
