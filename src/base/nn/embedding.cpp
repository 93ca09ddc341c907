#include "base/nn/embedding.h"

#include <algorithm>

#include "base/kernels/vectors.h"

namespace zhiyin::nn {

Embedding::Embedding(std::size_t ids, std::size_t dim, float deviation, Random& random) : table_(ids, dim) {
  table_.by_rows = true;
  for (auto& value : table_.value.values()) value = deviation * random.normal();
}

Matrix Embedding::forward(std::span<const std::uint32_t> ids) const {
  Matrix y(ids.size(), table_.value.columns());
  for (std::size_t r = 0; r < ids.size(); ++r) {
    assert(ids[r] < table_.value.rows());
    std::ranges::copy(table_.value.row(ids[r]), y.row(r).begin());
  }
  return y;
}

void Embedding::backward(const Matrix& dy, std::span<const std::uint32_t> ids) {
  assert(dy.rows() == ids.size());
  for (std::size_t r = 0; r < ids.size(); ++r)
    axpy(1, dy.row(r).data(), table_.gradient.row(ids[r]).data(), dy.columns());
  table_.touched.insert(table_.touched.end(), ids.begin(), ids.end());
}

}  // namespace zhiyin::nn
