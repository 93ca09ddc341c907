#include "learn/behaviour.h"

#include <algorithm>
#include <cmath>

#include "base/kernels/vectors.h"

namespace zhiyin {

ItemFeatures collaborative_vectors(const ItemFactors& factors) {
  constexpr float kNothing = 1e-3F;
  ItemFeatures vectors;
  vectors.dim = factors.dim();
  vectors.rows.assign(factors.factors().begin(), factors.factors().end());
  const auto row_at = [&](std::size_t item) {
    return std::span(vectors.rows).subspan(item * vectors.dim, vectors.dim);
  };
  float longest = 0;
  for (std::size_t i = 0; i < factors.items(); ++i) longest = std::max(longest, std::sqrt(dot(row_at(i), row_at(i))));
  for (std::size_t i = 0; i < factors.items(); ++i) {
    const float length = std::sqrt(dot(row_at(i), row_at(i)));
    const bool touched = length > kNothing * longest;
    for (auto& x : row_at(i)) x = touched ? x / length : 0;
  }
  return vectors;
}

}  // namespace zhiyin
