// Texts compared pair by pair: n x n similarities, and what can be asked of them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace zhiyin {

// Row-major n x n, symmetric, ones on the diagonal (zero for a text of which nothing is known).
struct Similarities {
  std::size_t n = 0;
  std::vector<float> values;

  [[nodiscard]] float at(std::size_t i, std::size_t j) const { return values[i * n + j]; }
};

// Cosines of rows of n x dim, centred on their mean.
Similarities centred_cosines(std::span<const float> rows, std::size_t dim);

// Cosines of character n-gram counts: single characters and pairs after case folding, each (1 + log count) times
// log((1 + n) / (1 + texts that have it)) + 1.
Similarities ngram_cosines(std::span<const std::string> texts);

// (a + weight b) / (1 + weight): the cosine of the two feature vectors one after the other.
Similarities mixed(const Similarities& a, const Similarities& b, float weight);

// Of each text: 1 if the most similar other one has its label, else 0; ties to the earlier.
std::vector<double> nearest_hits(const Similarities& all, std::span<const std::string> labels);

// A linear classifier in `folds` folds: text i is asked in fold i mod folds, all others train. Ridge regression to one
// column of +1 a label in its dual form, (K + lambda I) A = Y, so it needs similarities only; a constant 1 is added to
// K for the intercept. Of each text: 1 if its label's column is the largest, else 0.
Result<std::vector<double>> ridge_hits(const Similarities& all, std::span<const std::string> labels, std::size_t folds,
                                       double lambda);

}  // namespace zhiyin
