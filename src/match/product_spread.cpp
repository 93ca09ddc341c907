#include "match/product_spread.h"

#include <algorithm>

#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"

namespace zhiyin {

ProductSpread::ProductSpread(std::span<const float> table, std::size_t dim) : mean_(dim, 0), covariance_(dim * dim, 0) {
  constexpr std::size_t kBlock = 1024;  // rows that are copied at a time
  const auto rows = dim == 0 ? 0 : table.size() / dim;
  if (rows == 0) return;
  std::vector<double> sums(dim, 0);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t d = 0; d < dim; ++d) sums[d] += table[r * dim + d];
  }
  for (std::size_t d = 0; d < dim; ++d) mean_[d] = static_cast<float>(sums[d] / static_cast<double>(rows));
  for (std::size_t begin = 0; begin < rows; begin += kBlock) {
    const auto count = std::min(kBlock, rows - begin);
    const auto block = table.subspan(begin * dim, count * dim);
    std::vector<float> centred(block.begin(), block.end());
    for (std::size_t r = 0; r < count; ++r) axpy(-1, mean_.data(), centred.data() + r * dim, dim);
    gram(count, dim, centred.data(), 1, covariance_.data());
  }
  for (auto& value : covariance_) value /= static_cast<float>(rows);
}

StandardScale ProductSpread::of(std::span<const float> p) const {
  double variance = 0;
  for (std::size_t d = 0; d < p.size(); ++d)
    variance += double{p[d]} * dot(covariance_.data() + d * p.size(), p.data(), p.size());
  return standard_scale(dot(mean_, p), variance);
}

}  // namespace zhiyin
