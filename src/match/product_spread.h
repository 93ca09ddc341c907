// How inner products with some rows spread, without looking at the rows again:
//
//   mean over x of p.x = p . m,  variance = p' C p,  m and C the mean and the covariance of the rows x
#pragma once

#include <span>
#include <vector>

#include "match/standard_score.h"

namespace zhiyin {

// Immutable once built; thread-safe.
class ProductSpread {
 public:
  ProductSpread() = default;
  // Over the rows of the row-major table with `dim` columns. Cost: dim^2 operations a row.
  ProductSpread(std::span<const float> table, std::size_t dim);

  // That of the products with p, which has dim numbers.
  [[nodiscard]] StandardScale of(std::span<const float> p) const;

 private:
  std::vector<float> mean_;
  std::vector<float> covariance_;  // row-major dim x dim
};

}  // namespace zhiyin
