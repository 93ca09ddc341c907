#include "base/nn/attention.h"

#include <algorithm>
#include <cmath>

#include "base/kernels/vectors.h"

namespace zhiyin::nn {

// Sequences are short (modalities of an item, a recent history), so plain loops over pairs of steps do.
Matrix Attention::forward(Matrix x, const Sequences& shape, Kept* keep) const {
  assert(x.rows() == shape.batch * shape.time && x.columns() == dim_);
  const auto width = dim_ / heads_;
  const float scale = 1 / std::sqrt(static_cast<float>(width));
  auto qkv = in_.forward(std::move(x), keep == nullptr ? nullptr : &keep->in);
  Matrix mixed(qkv.rows(), dim_);
  Matrix weights(shape.batch * heads_ * shape.time, shape.time);
  for (std::size_t b = 0; b < shape.batch; ++b) {
    for (std::size_t head = 0; head < heads_; ++head) {
      for (std::size_t t = 0; t < shape.time; ++t) {
        const float* q = qkv.row(b * shape.time + t).data() + head * width;
        const auto a = weights.row((b * heads_ + head) * shape.time + t);
        float most = -INFINITY;
        for (std::size_t s = 0; s < shape.time; ++s) {
          if (!sees(shape, b, t, s)) continue;
          a[s] = scale * dot(q, qkv.row(b * shape.time + s).data() + dim_ + head * width, width);
          most = std::max(most, a[s]);
        }
        float sum = 0;
        for (std::size_t s = 0; s < shape.time; ++s) {
          if (sees(shape, b, t, s)) sum += a[s] = std::exp(a[s] - most);
        }
        float* out = mixed.row(b * shape.time + t).data() + head * width;
        for (std::size_t s = 0; s < shape.time; ++s) {
          if (!sees(shape, b, t, s)) continue;
          a[s] /= sum;
          axpy(a[s], qkv.row(b * shape.time + s).data() + 2 * dim_ + head * width, out, width);
        }
      }
    }
  }
  auto y = out_.forward(std::move(mixed), keep == nullptr ? nullptr : &keep->out);
  if (keep != nullptr) {
    keep->shape = shape;
    keep->qkv = std::move(qkv);
    keep->weights = std::move(weights);
  }
  return y;
}

// With e = q.k scale: da_s = dout . v_s;  de_s = a_s (da_s - sum_u a_u da_u).
Matrix Attention::backward(const Matrix& dy, const Kept& kept) {
  const auto& shape = kept.shape;
  const auto width = dim_ / heads_;
  const float scale = 1 / std::sqrt(static_cast<float>(width));
  const auto d_mixed = out_.backward(dy, kept.out);
  Matrix d_qkv(kept.qkv.rows(), 3 * dim_);
  std::vector<float> da(shape.time);
  for (std::size_t b = 0; b < shape.batch; ++b) {
    for (std::size_t head = 0; head < heads_; ++head) {
      for (std::size_t t = 0; t < shape.time; ++t) {
        const auto a = kept.weights.row((b * heads_ + head) * shape.time + t);
        const float* d_out = d_mixed.row(b * shape.time + t).data() + head * width;
        float mean = 0;
        for (std::size_t s = 0; s < shape.time; ++s) {
          if (!sees(shape, b, t, s)) continue;
          const auto v = b * shape.time + s;
          da[s] = dot(d_out, kept.qkv.row(v).data() + 2 * dim_ + head * width, width);
          mean += a[s] * da[s];
          axpy(a[s], d_out, d_qkv.row(v).data() + 2 * dim_ + head * width, width);
        }
        const auto q = b * shape.time + t;
        for (std::size_t s = 0; s < shape.time; ++s) {
          if (!sees(shape, b, t, s)) continue;
          const auto k = b * shape.time + s;
          const float de = scale * a[s] * (da[s] - mean);
          axpy(de, kept.qkv.row(k).data() + dim_ + head * width, d_qkv.row(q).data() + head * width, width);
          axpy(de, kept.qkv.row(q).data() + head * width, d_qkv.row(k).data() + dim_ + head * width, width);
        }
      }
    }
  }
  return in_.backward(d_qkv, kept.in);
}

void Attention::enumerate(const std::string& name, Parameters& all) {
  in_.enumerate(name + ".in", all);
  out_.enumerate(name + ".out", all);
}

}  // namespace zhiyin::nn
