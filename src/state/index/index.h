// Vectors -> the rows with the largest inner products. One interface; what stands behind it is chosen by what the rows
// are (choose.h): the exact scan, or an approximate index that was measured against it.
//
// A row of zeros, or one that is not finite, says nothing and is never found. Immutable once built; thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/bitmap.h"

namespace zhiyin {

struct Near {
  std::uint32_t row;
  float similarity;  // the inner product, in float32
};

// Best first, ties to the lower row.
inline bool nearer(const Near& a, const Near& b) {
  return a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row;
}

// Row-major float32 vectors that somebody owns. Row i stands at places[i], if places are given: a table can be looked at
// in another order, with rows that it lacks. Copies share.
class VectorRows {
 public:
  static constexpr std::uint32_t kNowhere = UINT32_MAX;  // a row of zeros

  VectorRows() = default;
  VectorRows(std::vector<float> values, std::size_t dim);
  VectorRows(std::span<const float> values, std::size_t dim, std::shared_ptr<const void> owner);
  VectorRows(std::span<const float> values, std::size_t dim, std::shared_ptr<const void> owner,
             std::vector<std::uint32_t> places);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t dim() const { return dim_; }
  // All of them, where no places were given.
  [[nodiscard]] std::span<const float> values() const { return values_; }
  [[nodiscard]] std::span<const float> row(std::size_t i) const {
    const auto place = places_ == nullptr ? static_cast<std::uint32_t>(i) : (*places_)[i];
    return place == kNowhere ? std::span<const float>(*zeros_) : values_.subspan(place * dim_, dim_);
  }

 private:
  std::span<const float> values_;
  std::size_t dim_ = 0;
  std::size_t size_ = 0;
  std::shared_ptr<const void> owner_;
  std::shared_ptr<const std::vector<std::uint32_t>> places_;
  std::shared_ptr<const std::vector<float>> zeros_;
};

// The same directions at unit length, so that inner products are cosines. Rows without direction become zeros.
VectorRows unit_rows(std::vector<float> values, std::size_t dim);
// Brings one to unit length; false, and zeros, where it has no direction.
bool make_unit(std::span<float> vector);

struct Query {
  std::span<const float> vector;
  const Bitmap* allowed = nullptr;  // of rows; null: all
};

class VectorIndex {
 public:
  virtual ~VectorIndex() = default;

  [[nodiscard]] virtual std::string_view kind() const = 0;
  [[nodiscard]] virtual const VectorRows& rows() const = 0;
  [[nodiscard]] virtual std::size_t bytes() const = 0;  // beside the rows themselves

  // For each query its k best allowed rows, best first; fewer where there are fewer. Queries asked together are cheaper
  // than one by one. A query of zeros, or one that is not finite, finds nothing.
  [[nodiscard]] virtual std::vector<std::vector<Near>> search(std::span<const Query> queries, std::size_t k) const = 0;

  [[nodiscard]] std::vector<Near> search(const Query& query, std::size_t k) const {
    return std::move(search(std::span(&query, 1), k).front());
  }
};

}  // namespace zhiyin
