#include "base/measure/sampled_rank.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace zhiyin {
namespace {

// Row-major, symmetric and positive definite; a is overwritten by its Cholesky factor, b by the solution.
void solve(std::vector<double>& a, std::vector<double>& b) {
  const auto n = b.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = i == j ? std::sqrt(sum) : sum / a[j * n + j];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
}

}  // namespace

std::vector<double> corrected_metric(std::span<const double> metric, std::size_t sampled, double trade_off) {
  const auto ranks = metric.size();
  assert(sampled < ranks && trade_off > 0 && trade_off <= 1);
  std::vector<double> log_factorial(ranks + 1, 0.0);
  for (std::size_t i = 2; i <= ranks; ++i) log_factorial[i] = log_factorial[i - 1] + std::log(static_cast<double>(i));
  const auto log_choose = [&](std::size_t n, std::size_t k) {
    return log_factorial[n] - log_factorial[k] - log_factorial[n - k];
  };
  const double all_draws = log_choose(ranks - 1, sampled);

  const auto n = sampled + 1;
  std::vector<double> matrix(n * n, 0.0);
  std::vector<double> x(n, 0.0);
  std::vector<double> chance(n);
  for (std::size_t rank = 1; rank <= ranks; ++rank) {
    // How many of those drawn are better: at least what does not fit among the worse ones, at most all there are.
    const auto worse = ranks - rank;
    const auto first = sampled > worse ? sampled - worse : 0;
    const auto last = std::min(sampled, rank - 1);
    for (auto s = first; s <= last; ++s)
      chance[s] = std::exp(log_choose(rank - 1, s) + log_choose(worse, sampled - s) - all_draws);
    for (auto s = first; s <= last; ++s) {
      for (auto t = first; t <= s; ++t) matrix[s * n + t] += (1 - trade_off) * chance[s] * chance[t];
      matrix[s * n + s] += trade_off * chance[s];
      x[s] += chance[s] * metric[rank - 1];
    }
  }
  solve(matrix, x);
  return x;
}

}  // namespace zhiyin
