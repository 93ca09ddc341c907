#include "base/nn/pooling.h"

#include <algorithm>

#include "base/kernels/vectors.h"

namespace zhiyin::nn {
namespace {

constexpr auto kNowhere = static_cast<std::size_t>(-1);

// Calls body(sequence, row, 1 / steps present) for every step that is present.
template <typename Body>
void each_step(const Sequences& shape, Body body) {
  for (std::size_t b = 0; b < shape.batch; ++b) {
    std::size_t steps = 0;
    for (std::size_t t = 0; t < shape.time; ++t) steps += shape.has(b, t) ? 1 : 0;
    for (std::size_t t = 0; t < shape.time; ++t) {
      if (shape.has(b, t)) body(b, b * shape.time + t, 1 / static_cast<float>(steps));
    }
  }
}

// Calls body(output pixel, input pixel) four times an output pixel.
template <typename Body>
void each_quarter(const Grid& in, Body body) {
  const auto out = halved(in);
  for (std::size_t to = 0; to < out.rows(); ++to) {
    const auto x = to % out.width;
    const auto y = to / out.width % out.height;
    const auto b = to / out.width / out.height;
    const auto corner = (b * in.height + 2 * y) * in.width + 2 * x;
    for (const auto from : {corner, corner + 1, corner + in.width, corner + in.width + 1}) body(to, from);
  }
}

}  // namespace

Matrix mean_pool(const Matrix& x, const Sequences& shape) {
  assert(x.rows() == shape.batch * shape.time);
  Matrix y(shape.batch, x.columns());
  each_step(shape, [&](std::size_t b, std::size_t row, float share) {
    axpy(share, x.row(row).data(), y.row(b).data(), x.columns());
  });
  return y;
}

Matrix mean_pool_backward(const Matrix& dy, const Sequences& shape) {
  Matrix dx(shape.batch * shape.time, dy.columns());
  each_step(shape, [&](std::size_t b, std::size_t row, float share) {
    axpy(share, dy.row(b).data(), dx.row(row).data(), dy.columns());
  });
  return dx;
}

Matrix max_pool(const Matrix& x, const Sequences& shape, std::vector<std::size_t>& from) {
  assert(x.rows() == shape.batch * shape.time);
  Matrix y(shape.batch, x.columns());
  from.assign(y.size(), kNowhere);
  each_step(shape, [&](std::size_t b, std::size_t row, float) {
    for (std::size_t d = 0; d < x.columns(); ++d) {
      auto& source = from[b * x.columns() + d];
      if (source != kNowhere && x.row(row)[d] <= y.row(b)[d]) continue;
      source = row;
      y.row(b)[d] = x.row(row)[d];
    }
  });
  return y;
}

Matrix max_pool_backward(const Matrix& dy, std::size_t rows, const std::vector<std::size_t>& from) {
  Matrix dx(rows, dy.columns());
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] != kNowhere) dx.row(from[i])[i % dy.columns()] += dy.values()[i];
  }
  return dx;
}

Grid halved(const Grid& grid) { return {grid.batch, grid.height / 2, grid.width / 2}; }

Matrix mean_pool_2x2(const Matrix& x, const Grid& grid) {
  assert(x.rows() == grid.rows());
  Matrix y(halved(grid).rows(), x.columns());
  each_quarter(
      grid, [&](std::size_t to, std::size_t from) { axpy(0.25F, x.row(from).data(), y.row(to).data(), x.columns()); });
  return y;
}

Matrix mean_pool_2x2_backward(const Matrix& dy, const Grid& grid) {
  Matrix dx(grid.rows(), dy.columns());
  each_quarter(grid, [&](std::size_t to, std::size_t from) {
    axpy(0.25F, dy.row(to).data(), dx.row(from).data(), dy.columns());
  });
  return dx;
}

}  // namespace zhiyin::nn
