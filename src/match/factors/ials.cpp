#include "match/factors/ials.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"
#include "base/log.h"
#include "base/random.h"
#include "base/threads.h"
#include "match/factors/row_solver.h"

namespace zhiyin {
namespace {

constexpr double kInitialDeviation = 0.1;  // of |q_i|: 0.1 / sqrt(dim) a coordinate
constexpr double kCollapsed = 0.01;  // mean predicted score of what was observed; a sound first epoch is far above
constexpr int kMaxRestarts = 12;
constexpr std::string_view kMeanUser = "mean_user";
constexpr std::string_view kUserGram = "update.user_gram";
constexpr std::string_view kUsers = "update.users";

std::size_t non_empty_rows(const Interactions& rows) {
  std::size_t count = 0;
  for (UserIndex row = 0; row < rows.users(); ++row) count += rows.row(row).empty() ? 0 : 1;
  return count;
}

// One side of the factorisation: its observations, and what has been learned of it.
struct Side {
  const Interactions& rows;
  std::vector<float> factors;  // row-major, rows x dim
  std::size_t active;          // rows with an observation
};

// Brings every row of `side` nearer to its solution with `fixed` held; both leave in the eigenbasis of `fixed`.
Result<void> half_epoch(Side& side, Side& fixed, std::size_t dim, const AlsObjective& objective, const AlsSteps& how,
                        int threads) {
  // The rotation that diagonalises the fixed side's Gram matrix is applied to both sides, so that scores stay the same.
  std::vector<float> basis;
  ZY_TRY(const auto held, ItemFactors::build(std::move(fixed.factors), dim, fixed.active, objective, threads, &basis));
  fixed.factors.assign(held.factors().begin(), held.factors().end());
  std::vector<float> rotated(side.factors.size());
  gemm(Transpose::kNo, Transpose::kYes, side.rows.users(), dim, dim, 1, side.factors.data(), basis.data(), 0,
       rotated.data(), threads);
  side.factors = std::move(rotated);

  std::vector<RowSolver> solvers(static_cast<std::size_t>(threads), RowSolver(held, how));
  parallel_for(side.rows.users(), 32, threads, [&](std::size_t begin, std::size_t end, int worker) {
    for (auto row = begin; row < end; ++row) {
      const auto x = std::span(side.factors).subspan(row * dim, dim);
      const auto columns = side.rows.row(static_cast<UserIndex>(row));
      if (columns.empty()) {
        std::ranges::fill(x, 0.0F);
        continue;
      }
      solvers[static_cast<std::size_t>(worker)].improve(columns, side.rows.weights(static_cast<UserIndex>(row)), x);
    }
  });
  return {};
}

// A Gram matrix G in a new basis: B G B'.
std::vector<float> turned(std::vector<float> matrix, const std::vector<float>& basis, std::size_t dim) {
  std::vector<float> half(dim * dim);
  gemm(Transpose::kNo, Transpose::kNo, dim, dim, dim, 1, basis.data(), matrix.data(), 0, half.data());
  gemm(Transpose::kNo, Transpose::kYes, dim, dim, dim, 1, half.data(), basis.data(), 0, matrix.data());
  return matrix;
}

std::vector<float> turned(const std::vector<float>& vector, const std::vector<float>& basis) {
  std::vector<float> now(vector.size());
  row_dots(basis.data(), vector.size(), vector.size(), vector.data(), now.data());
  return now;
}

std::vector<float> mean_row(const Side& side, std::size_t dim) {
  std::vector<float> mean(dim, 0);
  const auto share = 1 / static_cast<float>(std::max<std::size_t>(1, side.active));
  for (std::size_t row = 0; row < side.rows.users(); ++row)
    axpy(share, side.factors.data() + row * dim, mean.data(), dim);
  return mean;
}

double mean_observed_score(const Side& users, const Side& items, std::size_t dim) {
  double sum = 0;
  std::size_t count = 0;
  for (UserIndex user = 0; user < users.rows.users(); ++user) {
    for (const auto item : users.rows.row(user)) {
      sum += dot(users.factors.data() + user * dim, items.factors.data() + item * dim, dim);
      ++count;
    }
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

double loss(const Side& users, const Side& items, std::size_t dim, const AlsObjective& objective) {
  double total = 0;
  for (UserIndex user = 0; user < users.rows.users(); ++user) {
    const auto row = users.rows.row(user);
    for (std::size_t k = 0; k < row.size(); ++k) {
      const double miss = dot(users.factors.data() + user * dim, items.factors.data() + row[k] * dim, dim) - 1.0;
      total += users.rows.weights(user)[k] * miss * miss;
    }
  }
  const auto square_gram = [dim](const Side& side) {
    const std::vector<double> wide(side.factors.begin(), side.factors.end());
    std::vector<double> product(dim * dim, 0);
    gram(side.rows.users(), dim, wide.data(), 0, product.data());
    return product;
  };
  const auto p = square_gram(users);
  const auto q = square_gram(items);
  for (std::size_t k = 0; k < dim * dim; ++k) total += objective.alpha0 * p[k] * q[k];
  const auto penalty = [&](const Side& side, const Side& other) {
    double sum = 0;
    for (UserIndex row = 0; row < side.rows.users(); ++row) {
      const auto x = std::span(side.factors).subspan(row * dim, dim);
      sum += objective.regularisation(side.rows.row(row).size(), other.active) * dot(x, x);
    }
    return sum;
  };
  return total + penalty(users, items) + penalty(items, users);
}

}  // namespace

Result<void> Ials::train(const TrainingData& data, const TrainContext& context) {
  const auto& by_user = data.interactions;
  if (by_user.size() == 0) return invalid("nobody has touched anything yet: there is nothing to factorise");
  const auto by_item = by_user.transposed();
  const auto dim = static_cast<std::size_t>(std::max(1.0, params_["factors"]));
  const int epochs = std::max(1, static_cast<int>(params_["epochs"]));
  const AlsSteps how{.solver = static_cast<AlsSolver>(std::min(2.0, params_["solver"])),
                     .steps = std::max(1, static_cast<int>(params_["steps"])),
                     .block = static_cast<std::size_t>(std::max(1.0, params_["block"]))};
  Side users{by_user, {}, non_empty_rows(by_user)};
  Side items{by_item, {}, non_empty_rows(by_item)};

  for (int restart = 0; restart <= kMaxRestarts; ++restart) {
    AlsObjective objective{std::max(params_["alpha0"], 1e-6), 0, params_["nu"]};
    const double unobserved = std::pow(objective.alpha0 * static_cast<double>(items.active), objective.nu);
    objective.lambda = std::max(params_["strength"], 1e-6) / unobserved;

    Random random(context.seed);
    users.factors.assign(by_user.users() * dim, 0);
    items.factors.resize(by_item.users() * dim);
    const auto deviation = static_cast<float>(kInitialDeviation / std::sqrt(static_cast<double>(dim)));
    for (auto& value : items.factors) value = deviation * random.normal();
    losses_.clear();

    bool collapsed = false;
    for (int epoch = 1; epoch <= epochs && !collapsed; ++epoch) {
      ZY_CHECK_OK(half_epoch(users, items, dim, objective, how, context.threads));
      if (record_losses_) losses_.push_back(loss(users, items, dim, objective));
      ZY_CHECK_OK(half_epoch(items, users, dim, objective, how, context.threads));
      const double now = loss(users, items, dim, objective);
      if (record_losses_) losses_.push_back(now);
      context.on_epoch(epoch, epochs, now);
      collapsed = epoch == std::min(2, epochs) && mean_observed_score(users, items, dim) < kCollapsed;
    }
    if (!collapsed) {
      std::vector<float> basis;
      ZY_TRY(factors_,
             ItemFactors::build(std::move(items.factors), dim, items.active, objective, context.threads, &basis));
      std::vector<float> user_gram(dim * dim, 0);
      gram(by_user.users(), dim, users.factors.data(), 0, user_gram.data(), context.threads);
      user_gram_ = turned(std::move(user_gram), basis, dim);
      mean_user_ = turned(mean_row(users, dim), basis);
      users_ = static_cast<double>(users.active);
      const auto all = factors_.factors();
      if (!std::ranges::all_of(all, [](float x) { return std::isfinite(x); }))
        return internal("ials: the factors are not finite");
      popularity_ = Popularity::of(by_user);
      return {};
    }
    log_warning("ials: strength {:.4g} drives every score to zero on this data; halved", params_["strength"]);
    params_["strength"] /= 2;
  }
  return invalid(
      "ials: every score stays at zero however weak the regularisation: is the data more than a handful of events?");
}

void Ials::score(const History& history, std::span<float> scores) const {
  if (history.items.empty()) return popularity_.score(scores);
  const auto user = query(history);
  row_dots(factors_.factors().data(), items(), factors_.dim(), user.data(), scores.data());
}

std::vector<float> Ials::query(const History& history) const {
  auto user = factors_.fold_in(history);
  axpy(leaning(params_.at("lean"), history.items.size()), mean_user_.data(), user.data(), user.size());
  return user;
}

void Ials::save(Tensors& tensors) const {
  factors_.save(tensors);
  popularity_.save(tensors);
  tensors.put(std::string(kMeanUser), Tensor::from<float>({factors_.dim()}, mean_user_));
  if (user_gram_.empty()) return;
  tensors.put(std::string(kUserGram), Tensor::from<float>({factors_.dim(), factors_.dim()}, user_gram_));
  tensors.put(std::string(kUsers), Tensor::from<float>({1}, std::array{static_cast<float>(users_)}));
}

// What is known of users was saved in the basis that the factors were saved in, and is turned with them.
Result<void> Ials::load(const Tensors& tensors) {
  std::vector<float> basis;
  ZY_TRY(factors_, ItemFactors::load(tensors, &basis));
  ZY_TRY(popularity_, Popularity::load(tensors, items()));
  const auto dim = factors_.dim();
  mean_user_.assign(dim, 0);
  if (tensors.has(kMeanUser)) {
    ZY_TRY(const auto mean, tensors.get(kMeanUser, DType::kF32, std::array{dim}));
    mean_user_ = turned({mean.as<float>().begin(), mean.as<float>().end()}, basis);
  }
  user_gram_.clear();
  if (!tensors.has(kUserGram)) return {};  // written before there was one
  ZY_TRY(const auto saved, tensors.get(kUserGram, DType::kF32, std::array{dim, dim}));
  ZY_TRY(const auto users, tensors.get(kUsers, DType::kF32, std::array<std::size_t, 1>{1}));
  user_gram_ = turned({saved.as<float>().begin(), saved.as<float>().end()}, basis, dim);
  users_ = users.as<float>()[0];
  if (!(users_ >= 0)) return corrupt("the number of users is impossible");
  return {};
}

}  // namespace zhiyin
