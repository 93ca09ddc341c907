// Activations: rows x columns numbers, row-major. One type carries every shape, the last dimension being the columns
// and the others folded into the rows, the later the faster:
//
//   batch x dim                        rows = batch
//   batch x time x dim                 rows = batch * time             (Sequences says how they split)
//   batch x height x width x channels  rows = batch * height * width   (Grid says how they split)
//
// So whatever looks at one position at a time (dense, layer norm, activations) needs to know nothing of time or space.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace zhiyin::nn {

class Matrix {
 public:
  Matrix() = default;
  Matrix(std::size_t rows, std::size_t columns, float value = 0)
      : rows_(rows), columns_(columns), values_(rows * columns, value) {}
  Matrix(std::size_t rows, std::size_t columns, std::vector<float> values)
      : rows_(rows), columns_(columns), values_(std::move(values)) {
    assert(values_.size() == rows_ * columns_);
  }

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] std::size_t size() const { return values_.size(); }

  [[nodiscard]] std::span<float> row(std::size_t r) { return std::span(values_).subspan(r * columns_, columns_); }
  [[nodiscard]] std::span<const float> row(std::size_t r) const {
    return std::span(values_).subspan(r * columns_, columns_);
  }
  [[nodiscard]] std::vector<float>& values() { return values_; }
  [[nodiscard]] const std::vector<float>& values() const { return values_; }
  [[nodiscard]] float* data() { return values_.data(); }
  [[nodiscard]] const float* data() const { return values_.data(); }

  Matrix& operator+=(const Matrix& other) {
    assert(rows_ == other.rows_ && columns_ == other.columns_);
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i] += other.values_[i];
    return *this;
  }

 private:
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::vector<float> values_;
};

// `batch` sequences of `time` rows each; row b * time + t is step t of sequence b.
struct Sequences {
  std::size_t batch = 0;
  std::size_t time = 0;
  std::vector<std::uint8_t> present = {};  // batch * time, 0: padding, or a part that is missing; empty: all are there

  [[nodiscard]] bool has(std::size_t b, std::size_t t) const { return present.empty() || present[b * time + t] != 0; }
};

// `batch` pictures; row (b * height + y) * width + x is one pixel, its columns the channels.
struct Grid {
  std::size_t batch = 0;
  std::size_t height = 0;
  std::size_t width = 0;

  [[nodiscard]] std::size_t rows() const { return batch * height * width; }
  [[nodiscard]] Sequences as_sequences() const { return {batch, height * width}; }  // each pixel a step
};

}  // namespace zhiyin::nn
