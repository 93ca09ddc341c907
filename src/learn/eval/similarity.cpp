#include "learn/eval/similarity.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"
#include "base/random.h"
#include "understand/embed/text/unicode_text.h"

namespace zhiyin {
namespace {

using Counts = std::map<std::uint64_t, float>;  // by the n-gram's hash; in order, so that sums repeat

Counts ngrams_of(const std::string& text) {
  const auto characters = nfkc_casefold(text);
  Counts counts;
  std::uint64_t before = 0;
  for (const auto c : characters) {
    if (c == U' ') continue;
    ++counts[mix64(c)];
    if (before != 0) ++counts[mix64(before ^ c)];
    before = mix64(mix64(c) + 1);
  }
  return counts;
}

void scale_to_unit(std::span<float> row) {
  double squares = 0;
  for (const float x : row) squares += double{x} * x;
  if (squares <= 0) return;
  for (auto& x : row) x = static_cast<float>(x / std::sqrt(squares));
}

}  // namespace

Similarities centred_cosines(std::span<const float> rows, std::size_t dim) {
  const auto n = rows.size() / dim;
  std::vector<double> mean(dim, 0.0);
  for (std::size_t i = 0; i < rows.size(); ++i) mean[i % dim] += rows[i] / static_cast<double>(n);
  std::vector<float> centred(rows.begin(), rows.end());
  for (std::size_t i = 0; i < centred.size(); ++i) centred[i] -= static_cast<float>(mean[i % dim]);
  for (std::size_t i = 0; i < n; ++i) scale_to_unit(std::span(centred).subspan(i * dim, dim));
  Similarities all{n, std::vector<float>(n * n)};
  gemm(Transpose::kNo, Transpose::kYes, n, n, dim, 1, centred.data(), centred.data(), 0, all.values.data());
  return all;
}

Similarities ngram_cosines(std::span<const std::string> texts) {
  std::vector<Counts> counts;
  std::unordered_map<std::uint64_t, double> having;
  for (const auto& text : texts) {
    counts.push_back(ngrams_of(text));
    for (const auto& [hash, count] : counts.back()) ++having[hash];
  }
  // By n-gram: which texts have it, and how strongly.
  std::map<std::uint64_t, std::vector<std::pair<std::size_t, float>>> postings;
  const auto n = texts.size();
  for (std::size_t i = 0; i < n; ++i) {
    double squares = 0;
    for (auto& [hash, count] : counts[i]) {
      const double idf = std::log((1.0 + static_cast<double>(n)) / (1.0 + having[hash])) + 1;
      count = static_cast<float>((1 + std::log(count)) * idf);
      squares += double{count} * count;
    }
    for (const auto& [hash, count] : counts[i])
      postings[hash].emplace_back(i, static_cast<float>(count / std::sqrt(squares)));
  }
  Similarities all{n, std::vector<float>(n * n, 0.0F)};
  for (const auto& [hash, texts_having] : postings) {
    for (const auto& [i, a] : texts_having) {
      for (const auto& [j, b] : texts_having) all.values[i * n + j] += a * b;
    }
  }
  return all;
}

Similarities mixed(const Similarities& a, const Similarities& b, float weight) {
  assert(a.n == b.n);
  Similarities both{a.n, a.values};
  for (std::size_t i = 0; i < both.values.size(); ++i)
    both.values[i] = (both.values[i] + weight * b.values[i]) / (1 + weight);
  return both;
}

std::vector<double> nearest_hits(const Similarities& all, std::span<const std::string> labels) {
  std::vector<double> hits;
  for (std::size_t i = 0; i < all.n; ++i) {
    std::size_t nearest = i == 0 ? 1 : 0;
    for (std::size_t j = nearest + 1; j < all.n; ++j) {
      if (j != i && all.at(i, j) > all.at(i, nearest)) nearest = j;
    }
    hits.push_back(labels[nearest] == labels[i] ? 1 : 0);
  }
  return hits;
}

Result<std::vector<double>> ridge_hits(const Similarities& all, std::span<const std::string> labels, std::size_t folds,
                                       double lambda) {
  const std::set<std::string> distinct(labels.begin(), labels.end());
  const std::vector<std::string> classes(distinct.begin(), distinct.end());
  std::vector<double> hits(all.n, 0);
  for (std::size_t fold = 0; fold < folds; ++fold) {
    std::vector<std::size_t> train;
    for (std::size_t i = 0; i < all.n; ++i) {
      if (i % folds != fold) train.push_back(i);
    }
    const auto m = train.size();
    std::vector<double> system(m * m);
    for (std::size_t i = 0; i < m; ++i) {
      for (std::size_t j = 0; j < m; ++j)
        system[i * m + j] = all.at(train[i], train[j]) + 1.0 + (i == j ? lambda : 0.0);
    }
    ZY_TRY(const auto solver, Cholesky::of(m, std::move(system)));
    std::vector<double> duals(classes.size() * m);
    for (std::size_t c = 0; c < classes.size(); ++c) {
      for (std::size_t i = 0; i < m; ++i) duals[c * m + i] = labels[train[i]] == classes[c] ? 1 : 0;
    }
    solver.solve(duals, classes.size());
    for (std::size_t asked = fold; asked < all.n; asked += folds) {
      std::vector<double> scores(classes.size(), 0);
      for (std::size_t c = 0; c < classes.size(); ++c) {
        for (std::size_t i = 0; i < m; ++i) scores[c] += (all.at(asked, train[i]) + 1.0) * duals[c * m + i];
      }
      const auto best = static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin());
      hits[asked] = classes[best] == labels[asked] ? 1 : 0;
    }
  }
  return hits;
}

}  // namespace zhiyin
