// What the events that came since do to a trained iALS (match/factors/ials.h, updated()).
#include <algorithm>
#include <cmath>
#include <map>

#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"
#include "base/threads.h"
#include "match/factors/ials.h"

namespace zhiyin {
namespace {

// What a user did before and after, as far as the trained factors know the items.
struct Folded {
  UserIndex user;
  bool did_something = false;  // else `before` is not filled in
  std::vector<float> before;
  std::vector<float> now;
};

History known_part(std::span<const ItemIndex> items, std::span<const float> weights, std::size_t known) {
  History history;
  for (std::size_t k = 0; k < items.size(); ++k) {
    if (items[k] >= known) continue;
    history.items.push_back(items[k]);
    history.weights.push_back(weights[k]);
  }
  return history;
}

using CellsByUser = std::map<UserIndex, std::pair<std::vector<ItemIndex>, std::vector<Interaction>>>;  // added, removed

CellsByUser by_user_of(const Update& update) {
  CellsByUser cells;
  for (const auto& cell : update.added) cells[cell.user].first.push_back(cell.item);
  for (const auto& cell : update.removed) cells[cell.user].second.push_back(cell);
  return cells;
}

History before_of(const Interactions& rows, UserIndex user, const CellsByUser::mapped_type& cells, std::size_t known) {
  std::vector<ItemIndex> items;
  std::vector<float> weights;
  const auto row = rows.row(user);
  for (std::size_t k = 0; k < row.size(); ++k) {
    if (std::ranges::find(cells.first, row[k]) != cells.first.end()) continue;
    items.push_back(row[k]);
    weights.push_back(rows.weights(user)[k]);
  }
  for (const auto& cell : cells.second) {
    items.push_back(cell.item);
    weights.push_back(cell.weight);
  }
  return known_part(items, weights, known);
}

// Users of changed items, and users who did something, folded in against the factors as they are. Ascending users.
std::vector<Folded> fold_users(const ItemFactors& factors, const Update& update, const Interactions& by_item,
                               std::span<const ItemIndex> changed) {
  const auto did = by_user_of(update);
  std::vector<bool> asked(update.interactions.users(), false);
  for (const auto& [user, cells] : did) asked[user] = true;
  for (const auto item : changed) {
    for (const auto user : by_item.row(item)) asked[user] = true;
  }
  std::vector<Folded> folded;
  for (UserIndex user = 0; user < asked.size(); ++user) {
    if (asked[user]) folded.push_back({user, did.contains(user), {}, {}});
  }
  const auto& rows = update.interactions;
  parallel_for(folded.size(), 8, update.threads, [&](std::size_t begin, std::size_t end, int) {
    for (auto& one : std::span(folded).subspan(begin, end - begin)) {
      one.now = factors.fold_in(known_part(rows.row(one.user), rows.weights(one.user), factors.items()));
      if (one.did_something)
        one.before = factors.fold_in(before_of(rows, one.user, did.find(one.user)->second, factors.items()));
    }
  });
  return folded;
}

bool is_zero(std::span<const float> row) {
  return std::ranges::all_of(row, [](float x) { return x == 0; });
}

void add_outer(std::vector<float>& matrix, std::span<const float> row, float sign) {
  const auto dim = row.size();
  for (std::size_t d = 0; d < dim; ++d) axpy(sign * row[d], row.data(), matrix.data() + d * dim, dim);
}

// One side of the system of an item, users held.
struct HeldUsers {
  const std::vector<Folded>& folded;
  std::vector<const float*> row;  // by user; null where nobody folded him in
  const std::vector<float>& gram;
  double users;

  // row becomes the exact solution; zeros where the system has none, and where nobody touches the item.
  void solve(std::span<const UserIndex> who, std::span<const float> weights, const AlsObjective& objective,
             std::span<float> item) const {
    const auto dim = item.size();
    std::ranges::fill(item, 0.0F);
    if (who.empty()) return;
    std::vector<float> system(gram);
    for (auto& value : system) value *= static_cast<float>(objective.alpha0);
    std::vector<float> slab(who.size() * dim);
    for (std::size_t k = 0; k < who.size(); ++k) {
      const float root = std::sqrt(weights[k]);
      for (std::size_t d = 0; d < dim; ++d) slab[k * dim + d] = root * row[who[k]][d];
      axpy(weights[k], row[who[k]], item.data(), dim);
    }
    half_product(Transpose::kYes, dim, who.size(), slab.data(), 1, system.data());
    const auto penalty = objective.regularisation(who.size(), static_cast<std::size_t>(users));
    for (std::size_t d = 0; d < dim; ++d) system[d * dim + d] += static_cast<float>(penalty);
    if (!solve_spd(dim, system.data(), 1, item.data()).ok()) std::ranges::fill(item, 0.0F);
  }
};

}  // namespace

Result<std::unique_ptr<Model>> Ials::updated(const Update& update) const {
  if (user_gram_.empty()) return not_updatable(name());
  const auto by_item = update.interactions.transposed();
  const auto changed = changed_items(update);
  const auto folded = fold_users(factors_, update, by_item, changed);

  auto next = std::make_unique<Ials>(*this);
  const auto dim = factors_.dim();
  auto& mean = next->mean_user_;  // their sum, until all have been counted
  for (auto& value : mean) value *= static_cast<float>(users_);
  HeldUsers held{folded, std::vector<const float*>(by_item.items(), nullptr), next->user_gram_, 0};
  for (const auto& one : folded) {
    held.row[one.user] = one.now.data();
    if (!one.did_something) continue;
    add_outer(next->user_gram_, one.before, -1);
    add_outer(next->user_gram_, one.now, 1);
    axpy(-1, one.before.data(), mean.data(), dim);
    axpy(1, one.now.data(), mean.data(), dim);
    next->users_ += (is_zero(one.now) ? 0.0 : 1.0) - (is_zero(one.before) ? 0.0 : 1.0);
  }
  held.users = std::max(0.0, next->users_);
  for (auto& value : mean) value /= static_cast<float>(std::max(1.0, held.users));

  std::vector<float> rows(changed.size() * dim);
  parallel_for(changed.size(), 4, update.threads, [&](std::size_t begin, std::size_t end, int) {
    for (auto k = begin; k < end; ++k)
      held.solve(by_item.row(changed[k]), by_item.weights(changed[k]), factors_.objective(),
                 std::span(rows).subspan(k * dim, dim));
  });
  if (!std::ranges::all_of(rows, [](float x) { return std::isfinite(x); }))
    return internal("ials: what was learned since is not finite");

  auto active = factors_.active();
  for (const auto item : changed) {
    const bool was = item < items() && !is_zero(factors_.factors().subspan(item * dim, dim));
    active += static_cast<std::size_t>(!by_item.row(item).empty()) - static_cast<std::size_t>(was);
  }
  next->popularity_.add_items(update.interactions.items());
  next->factors_ = factors_.with_rows(changed, rows, update.interactions.items(), active);
  return std::unique_ptr<Model>(std::move(next));
}

}  // namespace zhiyin
