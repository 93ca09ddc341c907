// Vectors -> nearest neighbours, exact.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace zhiyin {

struct Neighbour {
  std::uint32_t row;
  float similarity;
};

// Cosine neighbours over unit-length rows; a row of zeros is never a neighbour. Immutable once built; thread-safe.
class FlatIndex {
 public:
  // rows: row-major count x dim; normalised here. Copies.
  FlatIndex(std::span<const float> rows, std::size_t dim);

  // The k most similar rows, best first, ties to the lower row; `query` need not be unit length. A zero query finds
  // nothing.
  [[nodiscard]] std::vector<Neighbour> search(std::span<const float> query, std::size_t k) const;

  [[nodiscard]] std::size_t size() const { return dim_ == 0 ? 0 : rows_.size() / dim_; }
  [[nodiscard]] std::size_t dim() const { return dim_; }
  [[nodiscard]] std::span<const float> row(std::size_t i) const { return std::span(rows_).subspan(i * dim_, dim_); }

 private:
  std::size_t dim_;
  std::vector<float> rows_;
};

}  // namespace zhiyin
