#include "match/factors/item_factors.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"

namespace zhiyin {
namespace {

constexpr int kExactSteps = 300;
constexpr double kExactTolerance = 1e-6;

}  // namespace

double AlsObjective::regularisation(std::size_t n, std::size_t others) const {
  return lambda * std::pow(static_cast<double>(n) + alpha0 * static_cast<double>(others), nu);
}

std::vector<float> weighted_sum(std::span<const float> factors, std::size_t dim, std::span<const ItemIndex> items,
                                std::span<const float> weights) {
  std::vector<float> sum(dim, 0);
  for (std::size_t k = 0; k < items.size(); ++k) axpy(weights[k], factors.data() + items[k] * dim, sum.data(), dim);
  return sum;
}

Result<ItemFactors> ItemFactors::build(std::vector<float> factors, std::size_t dim, std::size_t active,
                                       AlsObjective objective, int threads, std::vector<float>* basis) {
  ItemFactors built;
  built.dim_ = dim;
  built.active_ = active;
  built.objective_ = objective;
  const std::size_t items = factors.size() / dim;
  std::vector<float> gram_of_factors(dim * dim, 0);
  gram(items, dim, factors.data(), 0, gram_of_factors.data(), threads);
  ZY_TRY(auto eigen, symmetric_eigen(dim, std::vector<double>(gram_of_factors.begin(), gram_of_factors.end())));
  built.eigenvalues_ = std::move(eigen.values);
  for (auto& value : built.eigenvalues_) value = std::max(value, 0.0);
  std::vector<float> rotation(eigen.vectors.begin(), eigen.vectors.end());
  built.factors_.resize(factors.size());
  gemm(Transpose::kNo, Transpose::kYes, items, dim, dim, 1, factors.data(), rotation.data(), 0, built.factors_.data(),
       threads);
  if (basis != nullptr) *basis = std::move(rotation);
  return built;
}

ItemFactors ItemFactors::with_rows(std::span<const ItemIndex> items, std::span<const float> rows, std::size_t total,
                                   std::size_t active) const {
  auto next = *this;
  next.active_ = active;
  next.factors_.resize(std::max(total, this->items()) * dim_, 0);
  next.gram_change_.resize(dim_ * dim_, 0);
  const auto add_outer = [&](std::span<const float> row, float sign) {
    for (std::size_t d = 0; d < dim_; ++d) axpy(sign * row[d], row.data(), next.gram_change_.data() + d * dim_, dim_);
  };
  for (std::size_t k = 0; k < items.size(); ++k) {
    const auto old = std::span(next.factors_).subspan(items[k] * dim_, dim_);
    const auto row = rows.subspan(k * dim_, dim_);
    add_outer(old, -1);
    add_outer(row, 1);
    std::ranges::copy(row, old.begin());
  }
  return next;
}

std::vector<float> ItemFactors::diagonal(std::size_t n) const {
  const double regularisation = objective_.regularisation(n, active_);
  std::vector<float> diagonal(dim_);
  for (std::size_t d = 0; d < dim_; ++d)
    diagonal[d] = static_cast<float>(objective_.alpha0 * eigenvalues_[d] + regularisation);
  return diagonal;
}

int ItemFactors::solve(std::span<const ItemIndex> items, std::span<const float> weights,
                       std::span<const float> right_side, std::span<float> x, int max_steps, double tolerance) const {
  const auto diagonal = this->diagonal(items.size());

  // residual = right side - A x, with A = diagonal + Z' W Z over the row's items.
  std::vector<float> residual(right_side.begin(), right_side.end());
  add_weighted_residual(factors_.data(), dim_, items, weights, 0, x.data(), residual.data());
  for (std::size_t d = 0; d < dim_; ++d) residual[d] -= diagonal[d] * x[d];
  std::vector<float> of_change(gram_change_.empty() ? 0 : dim_);
  const auto subtract_change = [&](const float* direction, float* from) {
    if (of_change.empty()) return;
    row_dots(gram_change_.data(), dim_, dim_, direction, of_change.data());
    axpy(static_cast<float>(-objective_.alpha0), of_change.data(), from, dim_);
  };
  subtract_change(x.data(), residual.data());

  std::vector<float> preconditioned(dim_);
  std::vector<float> direction(dim_, 0);
  std::vector<float> product(dim_);
  const double enough = tolerance * tolerance * dot(right_side, right_side);
  double energy = 0;
  for (int step = 0; step < max_steps; ++step) {
    if (dot(residual, residual) <= enough) return step;
    for (std::size_t d = 0; d < dim_; ++d) preconditioned[d] = residual[d] / diagonal[d];
    const double energy_now = dot(residual, preconditioned);
    const auto along = static_cast<float>(step == 0 ? 0 : energy_now / energy);
    energy = energy_now;
    for (std::size_t d = 0; d < dim_; ++d) direction[d] = preconditioned[d] + along * direction[d];
    for (std::size_t d = 0; d < dim_; ++d) product[d] = -diagonal[d] * direction[d];
    add_weighted_residual(factors_.data(), dim_, items, weights, 0, direction.data(), product.data());  // -A direction
    subtract_change(direction.data(), product.data());
    const double curvature = -static_cast<double>(dot(direction, product));
    if (!(curvature > 0)) return step;
    const auto length = static_cast<float>(energy / curvature);
    axpy(length, direction.data(), x.data(), dim_);
    axpy(length, product.data(), residual.data(), dim_);
  }
  return max_steps;
}

std::vector<float> ItemFactors::fold_in(const History& history) const {
  std::vector<float> user(dim_, 0);
  const auto right_side = weighted_sum(factors_, dim_, history.items, history.weights);
  solve(history.items, history.weights, right_side, user, kExactSteps, kExactTolerance);
  return user;
}

void ItemFactors::score(const History& history, std::span<float> scores) const {
  const auto user = fold_in(history);
  row_dots(factors_.data(), items(), dim_, user.data(), scores.data());
}

// One solve for A^-1 q_item; the shares are then dot products, since A is symmetric.
std::vector<Contribution> ItemFactors::explain(const History& history, ItemIndex item) const {
  const auto target = std::span(factors_).subspan(item * dim_, dim_);
  std::vector<float> influence(dim_, 0);
  solve(history.items, history.weights, target, influence, kExactSteps, kExactTolerance);
  std::vector<Contribution> shares;
  for (std::size_t h = 0; h < history.items.size(); ++h) {
    const auto liked = std::span(factors_).subspan(history.items[h] * dim_, dim_);
    shares.push_back({history.items[h], history.weights[h] * dot(influence, liked)});
  }
  std::ranges::stable_sort(shares, std::greater{}, &Contribution::share);
  return shares;
}

std::vector<std::vector<Contribution>> ItemFactors::explain_all(const History& history, std::span<const ItemIndex> some,
                                                                std::size_t most) const {
  const auto count = history.items.size();
  if (count == 0 || some.empty()) return std::vector<std::vector<Contribution>>(some.size());
  std::vector<float> liked(count * dim_);     // rows of the history
  std::vector<float> weighted(count * dim_);  // times the roots of their weights
  for (std::size_t h = 0; h < count; ++h) {
    const auto row = std::span(factors_).subspan(history.items[h] * dim_, dim_);
    std::ranges::copy(row, liked.begin() + static_cast<std::ptrdiff_t>(h * dim_));
    axpy(std::sqrt(history.weights[h]), row.data(), weighted.data() + h * dim_, dim_);
  }
  std::vector<float> system(dim_ * dim_, 0);
  half_product(Transpose::kYes, dim_, count, weighted.data(), 0, system.data());
  const auto diagonal = this->diagonal(count);
  for (std::size_t d = 0; d < dim_; ++d) system[d * dim_ + d] += diagonal[d];
  if (!gram_change_.empty())
    axpy(static_cast<float>(objective_.alpha0), gram_change_.data(), system.data(), system.size());
  std::vector<float> influence(dim_ * some.size());  // a column an item: A^-1 q
  for (std::size_t k = 0; k < some.size(); ++k) {
    for (std::size_t d = 0; d < dim_; ++d) influence[d * some.size() + k] = factors_[some[k] * dim_ + d];
  }
  std::vector<std::vector<Contribution>> all(some.size());
  if (!solve_spd(dim_, system.data(), some.size(), influence.data()).ok()) {
    for (std::size_t k = 0; k < some.size(); ++k) {
      all[k] = explain(history, some[k]);
      if (all[k].size() > most) all[k].resize(most);
    }
    return all;
  }
  std::vector<float> shares(some.size() * count);
  gemm(Transpose::kYes, Transpose::kYes, some.size(), count, dim_, 1, influence.data(), liked.data(), 0, shares.data());
  std::vector<std::size_t> order(count);
  for (std::size_t k = 0; k < some.size(); ++k) {
    auto* share = shares.data() + k * count;
    for (std::size_t h = 0; h < count; ++h) share[h] *= history.weights[h];
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto kept = std::min(most, count);
    std::ranges::partial_sort(
        order, order.begin() + static_cast<std::ptrdiff_t>(kept),
        [&](std::size_t a, std::size_t b) { return share[a] != share[b] ? share[a] > share[b] : a < b; });
    for (std::size_t h = 0; h < kept; ++h) all[k].push_back({history.items[order[h]], share[order[h]]});
  }
  return all;
}

void ItemFactors::save(Tensors& tensors) const {
  tensors.put("factors", Tensor::from<float>({items(), dim_}, factors_));
  const std::array<float, 4> objective = {static_cast<float>(objective_.alpha0), static_cast<float>(objective_.lambda),
                                          static_cast<float>(objective_.nu), static_cast<float>(active_)};
  tensors.put("objective", Tensor::from<float>({4}, objective));
}

Result<ItemFactors> ItemFactors::load(const Tensors& tensors, std::vector<float>* basis) {
  ZY_TRY(const auto factors, tensors.get("factors", DType::kF32, std::array<std::size_t, 2>{0, 0}));
  ZY_TRY(const auto stored, tensors.get("objective", DType::kF32, std::array<std::size_t, 1>{4}));
  const auto objective = stored.as<float>();
  const auto values = factors.as<float>();
  if (factors.shape()[1] == 0) return corrupt("the factors have no dimension");
  if (!(objective[0] >= 0 && objective[1] > 0 && objective[2] >= 0 && objective[3] >= 0))
    return corrupt("the objective is impossible");
  return build({values.begin(), values.end()}, factors.shape()[1], static_cast<std::size_t>(objective[3]),
               {objective[0], objective[1], objective[2]}, 1, basis);
}

}  // namespace zhiyin
