// A ranker of rows of plain numbers: what a feed knows of a candidate, as learn/train_ranker.h fits it and
// feed/recommend asks it.
//
// Each column is cut at quantiles of what was learned from, and a number between two cuts is a part of each, so that
// what is learned of a column is a curve of straight pieces and not a slope (a linear B-spline):
//
//   x between cuts c_k and c_{k+1}:  feature k has the value 1 - t, feature k+1 has t,  t = (x - c_k) / (c_{k+1} - c_k)
//
// Beyond the outermost cuts it is level. The features go to logistic regression, a factorisation machine or a DCN
// (match/rank/ranker.h), which then see products of such curves.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "match/rank/ranker.h"

namespace zhiyin {

// Row-major rows x columns, and what became of each row where that is known.
struct NumericRows {
  std::size_t columns = 0;
  std::vector<float> values;
  std::vector<float> labels;  // 0 or 1

  [[nodiscard]] std::size_t rows() const { return columns == 0 ? 0 : values.size() / columns; }
};

// Immutable once fitted or loaded; thread-safe.
class NumericRanker {
 public:
  // Learns from `rows`, stopped by `valid`. `ranker`: logistic, fm or dcn. Errors: kInvalid where the rows are none, or
  // all of one label, or hold a number that is not finite; those of make_ranker() and Ranker::train().
  static Result<NumericRanker> fit(std::string_view ranker, const Params& params, std::vector<std::string> columns,
                                   const NumericRows& rows, const NumericRows& valid, const TrainContext& context);

  // The chance of a yes, row by row; values: rows x columns().
  [[nodiscard]] std::vector<float> predict(std::span<const float> values) const;

  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
  [[nodiscard]] const Ranker& ranker() const { return *ranker_; }

  void save(Tensors& tensors) const;
  // Errors: kCorrupt, kInvalid where a ranker of a later version wrote it.
  static Result<NumericRanker> load(const Tensors& tensors);

 private:
  [[nodiscard]] ImpressionRows features_of(std::span<const float> values, std::span<const float> labels) const;

  std::vector<std::string> columns_;
  std::vector<std::vector<float>> cuts_;  // by column, ascending, at least one
  std::vector<std::uint32_t> first_;      // by column, the feature of its first cut
  std::shared_ptr<const Ranker> ranker_;
};

}  // namespace zhiyin
