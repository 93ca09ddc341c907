#include "base/nn/layer_norm.h"

#include <cmath>

namespace zhiyin::nn {
namespace {

constexpr float kLeastVariance = 1e-5F;  // added

}  // namespace

Matrix LayerNorm::forward(Matrix x, Kept* keep) const {
  const auto dim = x.columns();
  assert(dim == gain_.value.columns());
  const auto width = static_cast<float>(dim);
  std::vector<float> inverse(x.rows());
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const auto row = x.row(r);
    float mean = 0;
    for (const float value : row) mean += value;
    mean /= width;
    float variance = 0;
    for (const float value : row) variance += (value - mean) * (value - mean);
    inverse[r] = 1 / std::sqrt(variance / width + kLeastVariance);
    for (auto& value : row) value = (value - mean) * inverse[r];
  }
  if (keep != nullptr) *keep = {x, std::move(inverse)};
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const auto row = x.row(r);
    for (std::size_t d = 0; d < dim; ++d) row[d] = row[d] * gain_.value.data()[d] + bias_.value.data()[d];
  }
  return x;
}

// With n = normal and g = dy * gain: dx = (g - mean(g) - n mean(g n)) / deviation.
Matrix LayerNorm::backward(const Matrix& dy, const Kept& kept) {
  const auto dim = dy.columns();
  const auto width = static_cast<float>(dim);
  Matrix dx(dy.rows(), dim);
  for (std::size_t r = 0; r < dy.rows(); ++r) {
    const auto normal = kept.normal.row(r);
    const auto out = dx.row(r);
    float mean = 0;
    float along = 0;
    for (std::size_t d = 0; d < dim; ++d) {
      const float gradient = dy.row(r)[d];
      gain_.gradient.data()[d] += gradient * normal[d];
      bias_.gradient.data()[d] += gradient;
      out[d] = gradient * gain_.value.data()[d];
      mean += out[d];
      along += out[d] * normal[d];
    }
    mean /= width;
    along /= width;
    for (std::size_t d = 0; d < dim; ++d) out[d] = (out[d] - mean - normal[d] * along) * kept.inverse_deviation[r];
  }
  return dx;
}

void LayerNorm::enumerate(const std::string& name, Parameters& all) {
  all.push_back({name + ".gain", &gain_});
  all.push_back({name + ".bias", &bias_});
}

}  // namespace zhiyin::nn
