// Where the factors of an item that nobody has touched ought to stand, by its content: the regression of
// match/content/content_map.h over a model that is trained already.
//
//   W = argmin sum_i n_i |x_i W - q_i|^2 + ridge |W|^2      over items with events, x z-scored and with a constant
//
// Above kMostExamples items the most touched are learned from. Immutable; thread-safe.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"

namespace zhiyin {

class ContentRows {
 public:
  static constexpr std::size_t kMostExamples = 20'000;
  static constexpr std::size_t kEnough = 10;  // items; from fewer nothing is learned

  // Row-major: contents count x width, factors count x dim; users: n_i. Rows of zeros are passed over.
  // Error kInvalid: fewer than kEnough are left.
  static Result<ContentRows> fit(std::span<const float> contents, std::size_t width, std::span<const float> factors,
                                 std::size_t dim, std::span<const std::uint32_t> users, int threads);

  // dim numbers.
  [[nodiscard]] std::vector<float> of(std::span<const float> content) const;

 private:
  void scale(std::span<const float> content, float* row) const;  // width + 1 numbers

  std::size_t dim_ = 0;
  std::vector<float> mean_;
  std::vector<float> inverse_deviation_;  // 0 for a column that says nothing
  std::vector<float> map_;                // row-major (width + 1) x dim
};

}  // namespace zhiyin
