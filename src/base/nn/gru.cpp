#include "base/nn/gru.h"

#include <algorithm>
#include <cmath>

#include "base/nn/dense.h"

namespace zhiyin::nn {
namespace {

float squash(float x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

Gru::Gru(std::size_t inputs, std::size_t dim, Random& random)
    : dim_(dim),
      input_weight_(random_weights(inputs, 3 * dim, random)),
      input_bias_(1, 3 * dim),
      state_weight_(random_weights(dim, 3 * dim, random)),
      state_bias_(1, 3 * dim) {}

Matrix Gru::forward(Matrix x, const Sequences& shape, Kept* keep) const {
  assert(x.rows() == shape.batch * shape.time);
  const auto from_input = affine(x, input_weight_, input_bias_);
  Matrix states(x.rows(), dim_);
  Matrix h(shape.batch, dim_);
  Kept kept;
  for (std::size_t t = 0; t < shape.time; ++t) {
    const auto from_state = affine(h, state_weight_, state_bias_);
    Matrix gates(shape.batch, 3 * dim_);
    Matrix inner(shape.batch, dim_);
    Matrix next = h;
    for (std::size_t b = 0; b < shape.batch; ++b) {
      if (!shape.has(b, t)) continue;
      const auto in = from_input.row(b * shape.time + t);
      const auto state = from_state.row(b);
      const auto gate = gates.row(b);
      for (std::size_t d = 0; d < dim_; ++d) {
        const float r = gate[d] = squash(in[d] + state[d]);
        const float z = gate[dim_ + d] = squash(in[dim_ + d] + state[dim_ + d]);
        inner.row(b)[d] = state[2 * dim_ + d];
        const float n = gate[2 * dim_ + d] = std::tanh(in[2 * dim_ + d] + r * state[2 * dim_ + d]);
        next.row(b)[d] = (1 - z) * n + z * h.row(b)[d];
      }
    }
    for (std::size_t b = 0; b < shape.batch; ++b)
      std::ranges::copy(next.row(b), states.row(b * shape.time + t).begin());
    if (keep != nullptr) {
      kept.before.push_back(std::move(h));
      kept.gates.push_back(std::move(gates));
      kept.inner.push_back(std::move(inner));
    }
    h = std::move(next);
  }
  if (keep != nullptr) {
    kept.x = std::move(x);
    kept.shape = shape;
    *keep = std::move(kept);
  }
  return states;
}

Matrix Gru::backward(const Matrix& dy, const Kept& kept) {
  const auto& shape = kept.shape;
  assert(dy.rows() == shape.batch * shape.time && dy.columns() == dim_);
  Matrix d_input(dy.rows(), 3 * dim_);  // by x W + b
  Matrix dh(shape.batch, dim_);         // by the state after the step at hand
  for (std::size_t t = shape.time; t-- > 0;) {
    const auto& h = kept.before[t];
    const auto& inner = kept.inner[t];
    Matrix d_state(shape.batch, 3 * dim_);  // by h U + c
    Matrix d_before(shape.batch, dim_);
    for (std::size_t b = 0; b < shape.batch; ++b) {
      const auto out = dy.row(b * shape.time + t);
      const auto gate = kept.gates[t].row(b);
      const auto to_input = d_input.row(b * shape.time + t);
      const auto to_state = d_state.row(b);
      for (std::size_t d = 0; d < dim_; ++d) {
        const float g = dh.row(b)[d] + out[d];
        if (!shape.has(b, t)) {
          d_before.row(b)[d] = g;
          continue;
        }
        const float r = gate[d];
        const float z = gate[dim_ + d];
        const float n = gate[2 * dim_ + d];
        const float dn = g * (1 - z) * (1 - n * n);
        const float dz = g * (h.row(b)[d] - n) * z * (1 - z);
        const float dr = dn * inner.row(b)[d] * r * (1 - r);
        d_before.row(b)[d] = g * z;
        to_input[d] = to_state[d] = dr;
        to_input[dim_ + d] = to_state[dim_ + d] = dz;
        to_input[2 * dim_ + d] = dn;
        to_state[2 * dim_ + d] = dn * r;
      }
    }
    d_before += affine_backward(d_state, h, state_weight_, state_bias_);
    dh = std::move(d_before);
  }
  return affine_backward(d_input, kept.x, input_weight_, input_bias_);
}

void Gru::enumerate(const std::string& name, Parameters& all) {
  all.push_back({name + ".input_weight", &input_weight_});
  all.push_back({name + ".input_bias", &input_bias_});
  all.push_back({name + ".state_weight", &state_weight_});
  all.push_back({name + ".state_bias", &state_bias_});
}

Matrix last_step(const Matrix& states, const Sequences& shape) {
  Matrix last(shape.batch, states.columns());
  for (std::size_t b = 0; b < shape.batch; ++b)
    std::ranges::copy(states.row((b + 1) * shape.time - 1), last.row(b).begin());
  return last;
}

Matrix last_step_backward(const Matrix& dy, const Sequences& shape) {
  Matrix dx(shape.batch * shape.time, dy.columns());
  for (std::size_t b = 0; b < shape.batch; ++b) std::ranges::copy(dy.row(b), dx.row((b + 1) * shape.time - 1).begin());
  return dx;
}

}  // namespace zhiyin::nn
