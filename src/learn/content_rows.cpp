#include "learn/content_rows.h"

#include <algorithm>
#include <cmath>

#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"

namespace zhiyin {
namespace {

constexpr float kRidge = 1000;  // content_map's

bool is_zero(std::span<const float> row) {
  return std::ranges::all_of(row, [](float x) { return x == 0; });
}

}  // namespace

Result<ContentRows> ContentRows::fit(std::span<const float> contents, std::size_t width, std::span<const float> factors,
                                     std::size_t dim, std::span<const std::uint32_t> users, int threads) {
  std::vector<std::size_t> examples;
  for (std::size_t i = 0; i < users.size(); ++i) {
    if (users[i] > 0 && !is_zero(contents.subspan(i * width, width)) && !is_zero(factors.subspan(i * dim, dim)))
      examples.push_back(i);
  }
  if (examples.size() < kEnough) return invalid("too few items have both content and events to learn from");
  if (examples.size() > kMostExamples) {
    std::ranges::stable_sort(examples, std::greater{}, [&](std::size_t i) { return users[i]; });
    examples.resize(kMostExamples);
  }

  ContentRows rows;
  rows.dim_ = dim;
  std::vector<double> sum(width, 0);
  std::vector<double> squares(width, 0);
  for (const auto i : examples) {
    for (std::size_t d = 0; d < width; ++d) {
      const double x = contents[i * width + d];
      sum[d] += x;
      squares[d] += x * x;
    }
  }
  const auto count = static_cast<double>(examples.size());
  for (std::size_t d = 0; d < width; ++d) {
    const double mean = sum[d] / count;
    const double deviation = std::sqrt(std::max(squares[d] / count - mean * mean, 0.0));
    rows.mean_.push_back(static_cast<float>(mean));
    rows.inverse_deviation_.push_back(deviation > 1e-6 ? static_cast<float>(1 / deviation) : 0);
  }

  // (X'CX + ridge I) W = X'CQ
  const auto columns = width + 1;
  std::vector<float> design(examples.size() * columns);
  std::vector<float> weighted(design.size());
  std::vector<float> learned(examples.size() * dim);
  for (std::size_t k = 0; k < examples.size(); ++k) {
    rows.scale(contents.subspan(examples[k] * width, width), design.data() + k * columns);
    axpy(static_cast<float>(users[examples[k]]), design.data() + k * columns, weighted.data() + k * columns, columns);
    std::ranges::copy(factors.subspan(examples[k] * dim, dim), learned.begin() + static_cast<std::ptrdiff_t>(k * dim));
  }
  std::vector<float> normal(columns * columns);
  gemm(Transpose::kYes, Transpose::kNo, columns, columns, examples.size(), 1, weighted.data(), design.data(), 0,
       normal.data(), threads);
  for (std::size_t d = 0; d < columns; ++d) normal[d * columns + d] += kRidge;
  rows.map_.resize(columns * dim);
  gemm(Transpose::kYes, Transpose::kNo, columns, dim, examples.size(), 1, weighted.data(), learned.data(), 0,
       rows.map_.data(), threads);
  ZY_CHECK_OK(solve_spd(columns, normal.data(), dim, rows.map_.data(), threads));
  return rows;
}

void ContentRows::scale(std::span<const float> content, float* row) const {
  for (std::size_t d = 0; d < content.size(); ++d) row[d] = (content[d] - mean_[d]) * inverse_deviation_[d];
  row[content.size()] = 1;
}

std::vector<float> ContentRows::of(std::span<const float> content) const {
  std::vector<float> scaled(content.size() + 1);
  scale(content, scaled.data());
  std::vector<float> row(dim_, 0);
  for (std::size_t d = 0; d < scaled.size(); ++d) axpy(scaled[d], map_.data() + d * dim_, row.data(), dim_);
  return row;
}

}  // namespace zhiyin
