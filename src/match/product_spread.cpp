#include "match/product_spread.h"

#include <algorithm>

#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"

namespace zhiyin {

ProductSpread::ProductSpread(std::span<const float> table, std::size_t dim, std::span<const ItemIndex> among)
    : mean_(dim, 0), covariance_(dim * dim, 0) {
  constexpr std::size_t kBlock = 1024;  // rows that are copied out at a time
  std::vector<double> sums(dim, 0);
  const auto row = [&](ItemIndex item) { return table.subspan(item * dim, dim); };
  for (const auto item : among) {
    for (std::size_t d = 0; d < dim; ++d) sums[d] += row(item)[d];
  }
  const double share = among.empty() ? 0 : 1 / static_cast<double>(among.size());
  for (std::size_t d = 0; d < dim; ++d) mean_[d] = static_cast<float>(sums[d] * share);
  std::vector<float> centred;
  for (std::size_t begin = 0; begin < among.size(); begin += kBlock) {
    const auto block = among.subspan(begin, std::min(kBlock, among.size() - begin));
    centred.clear();
    for (const auto item : block) centred.insert(centred.end(), row(item).begin(), row(item).end());
    for (std::size_t k = 0; k < block.size(); ++k) axpy(-1, mean_.data(), centred.data() + k * dim, dim);
    gram(block.size(), dim, centred.data(), 1, covariance_.data());
  }
  for (auto& value : covariance_) value = static_cast<float>(value * share);
}

StandardScale ProductSpread::of(std::span<const float> p) const {
  double variance = 0;
  for (std::size_t d = 0; d < p.size(); ++d)
    variance += double{p[d]} * dot(covariance_.data() + d * p.size(), p.data(), p.size());
  return standard_scale(dot(mean_, p), variance);
}

}  // namespace zhiyin
