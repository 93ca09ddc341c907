// What an iALS model is once it is trained: item factors, and the exact least-squares solution for any history.
//
//   A_u = alpha0 Q'Q + sum_{i in S_u} c_ui q_i q_i' + reg_u I,  reg_u = lambda (n_u + alpha0 m)^nu
//   p_u = A_u^-1 sum_{i in S_u} c_ui q_i                        (Hu, Koren, Volinsky 2008; Rendle et al. 2021)
//   s_ui = sum_{j in S_u} c_uj q_i' A_u^-1 q_j                  exact additive shares
//
// The factors are kept in the eigenbasis of Q'Q: there alpha0 Q'Q + reg_u I is a diagonal, which is both half of the
// system for free and the preconditioner for conjugate gradients over the rest. Scores do not depend on the basis.
//
// with_rows() replaces rows in the same basis, where Q'Q is then a diagonal and a small dense matrix beside it: as exact,
// d^2 more for each step of the gradients. load() finds the basis of what was saved.
//
// Immutable once built; thread-safe.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "match/model.h"

namespace zhiyin {

// The regularisation of a row with n observations out of `others` columns.
struct AlsObjective {
  double alpha0 = 0.5;   // weight of every unobserved pair
  double lambda = 0.01;  // frequency-scaled
  double nu = 1;

  [[nodiscard]] double regularisation(std::size_t n, std::size_t others) const;
};

class ItemFactors {
 public:
  ItemFactors() = default;

  // factors: row-major items x dim, in any basis. `active`: the number of items m in reg_u. `basis`, if given, gets the
  // rotation: row k is the k-th eigenvector, and a vector x of the old basis is basis x in the new one.
  static Result<ItemFactors> build(std::vector<float> factors, std::size_t dim, std::size_t active,
                                   AlsObjective objective, int threads = 1, std::vector<float>* basis = nullptr);

  // A copy with `rows` (row-major, one for each of `items`, in this basis) in the place of theirs. `items` may lie
  // beyond the last: the copy has `total` items, new ones that are not given are zeros. `active`: m from now on. n d
  // numbers are copied.
  [[nodiscard]] ItemFactors with_rows(std::span<const ItemIndex> items, std::span<const float> rows, std::size_t total,
                                      std::size_t active) const;

  [[nodiscard]] std::size_t items() const { return dim_ == 0 ? 0 : factors_.size() / dim_; }
  [[nodiscard]] std::size_t dim() const { return dim_; }
  [[nodiscard]] std::span<const float> factors() const { return factors_; }  // rotated
  [[nodiscard]] std::span<const double> eigenvalues() const { return eigenvalues_; }
  [[nodiscard]] std::size_t active() const { return active_; }
  [[nodiscard]] const AlsObjective& objective() const { return objective_; }

  // alpha0 Q'Q + reg_u I of a row with n observations: a diagonal in this basis, but for what with_rows() changed.
  [[nodiscard]] std::vector<float> diagonal(std::size_t n) const;

  // Takes x from where it is towards A_u x = right side, by at most max_steps steps of preconditioned conjugate
  // gradients, until the residual is below tolerance times the right side. Returns the steps made.
  int solve(std::span<const ItemIndex> items, std::span<const float> weights, std::span<const float> right_side,
            std::span<float> x, int max_steps, double tolerance) const;

  // p_u, to the accuracy of float32. Zeros for an empty history.
  [[nodiscard]] std::vector<float> fold_in(const History& history) const;

  void score(const History& history, std::span<float> scores) const;
  [[nodiscard]] std::vector<Contribution> explain(const History& history, ItemIndex item) const;

  // The same for several items, the `most` largest shares of each: one factorisation of A_u for all of them.
  [[nodiscard]] std::vector<std::vector<Contribution>> explain_all(const History& history,
                                                                   std::span<const ItemIndex> some,
                                                                   std::size_t most) const;

  void save(Tensors& tensors) const;
  static Result<ItemFactors> load(const Tensors& tensors, std::vector<float>* basis = nullptr);

 private:
  std::size_t dim_ = 0;
  std::size_t active_ = 0;
  AlsObjective objective_;
  std::vector<float> factors_;       // items x dim, in the eigenbasis
  std::vector<double> eigenvalues_;  // of Q'Q as it was built, >= 0
  std::vector<float> gram_change_;   // dim x dim: Q'Q less that; empty: none
};

// sum over the row of weight_k q_k: the right side of the row's system.
std::vector<float> weighted_sum(std::span<const float> factors, std::size_t dim, std::span<const ItemIndex> items,
                                std::span<const float> weights);

}  // namespace zhiyin
