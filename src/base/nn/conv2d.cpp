#include "base/nn/conv2d.h"

#include <algorithm>

#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"

namespace zhiyin::nn {
namespace {

// Calls body(output pixel, place in the patch, input pixel) for every pixel of picture b that a patch covers.
template <typename Body>
void each_tap(const Grid& in, const Grid& out, std::size_t b, std::size_t kernel, std::size_t stride, Body body) {
  const auto reach = static_cast<std::ptrdiff_t>(kernel / 2);
  for (std::size_t y = 0; y < out.height; ++y) {
    for (std::size_t x = 0; x < out.width; ++x) {
      for (std::size_t place = 0; place < kernel * kernel; ++place) {
        const auto from_y = static_cast<std::ptrdiff_t>(y * stride + place / kernel) - reach;
        const auto from_x = static_cast<std::ptrdiff_t>(x * stride + place % kernel) - reach;
        if (from_y < 0 || from_x < 0 || from_y >= static_cast<std::ptrdiff_t>(in.height) ||
            from_x >= static_cast<std::ptrdiff_t>(in.width)) {
          continue;
        }
        const auto from =
            (b * in.height + static_cast<std::size_t>(from_y)) * in.width + static_cast<std::size_t>(from_x);
        body(y * out.width + x, place, from);
      }
    }
  }
}

// The patches of picture b, one row an output pixel, zeros beyond the border: convolution becomes one product.
Matrix patches(const Matrix& x, const Grid& in, const Grid& out, std::size_t b, std::size_t kernel,
               std::size_t stride) {
  const auto channels = x.columns();
  Matrix rows(out.height * out.width, kernel * kernel * channels);
  each_tap(in, out, b, kernel, stride, [&](std::size_t to, std::size_t place, std::size_t from) {
    std::ranges::copy(x.row(from), rows.row(to).begin() + static_cast<std::ptrdiff_t>(place * channels));
  });
  return rows;
}

}  // namespace

Grid Conv2d::output(const Grid& grid) const {
  return {grid.batch, (grid.height + stride_ - 1) / stride_, (grid.width + stride_ - 1) / stride_};
}

// Picture by picture, so that the patches stay in the cache; backward makes them anew rather than keep them all.
Matrix Conv2d::forward(Matrix x, const Grid& grid, Kept* keep) const {
  assert(x.rows() == grid.rows() && kernel_ * kernel_ * x.columns() == weight_.value.rows());
  const auto out = output(grid);
  const auto pixels = out.height * out.width;
  const auto outputs = weight_.value.columns();
  Matrix y(out.rows(), outputs);
  for (std::size_t r = 0; r < y.rows(); ++r) std::ranges::copy(bias_.value.row(0), y.row(r).begin());
  for (std::size_t b = 0; b < grid.batch; ++b) {
    const auto rows = patches(x, grid, out, b, kernel_, stride_);
    gemm(Transpose::kNo, Transpose::kNo, pixels, outputs, rows.columns(), 1, rows.data(), weight_.value.data(), 1,
         y.row(b * pixels).data());
  }
  if (keep != nullptr) *keep = {std::move(x), grid};
  return y;
}

Matrix Conv2d::backward(const Matrix& dy, const Kept& kept) {
  const auto& grid = kept.grid;
  const auto out = output(grid);
  const auto pixels = out.height * out.width;
  const auto outputs = weight_.value.columns();
  const auto channels = kept.x.columns();
  assert(dy.rows() == out.rows() && dy.columns() == outputs);
  for (std::size_t r = 0; r < dy.rows(); ++r) axpy(1, dy.row(r).data(), bias_.gradient.data(), outputs);
  Matrix dx(kept.x.rows(), channels);
  for (std::size_t b = 0; b < grid.batch; ++b) {
    const float* dy_b = dy.row(b * pixels).data();
    auto rows = patches(kept.x, grid, out, b, kernel_, stride_);
    gemm(Transpose::kYes, Transpose::kNo, rows.columns(), outputs, pixels, 1, rows.data(), dy_b, 1,
         weight_.gradient.data());
    gemm(Transpose::kNo, Transpose::kYes, pixels, rows.columns(), outputs, 1, dy_b, weight_.value.data(), 0,
         rows.data());
    each_tap(grid, out, b, kernel_, stride_, [&](std::size_t to, std::size_t place, std::size_t from) {
      axpy(1, rows.row(to).data() + place * channels, dx.row(from).data(), channels);
    });
  }
  return dx;
}

void Conv2d::enumerate(const std::string& name, Parameters& all) {
  all.push_back({name + ".weight", &weight_});
  all.push_back({name + ".bias", &bias_});
}

}  // namespace zhiyin::nn
