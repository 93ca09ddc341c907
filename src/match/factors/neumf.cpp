#include "match/factors/neumf.h"

#include <algorithm>

#include "base/kernels/vectors.h"
#include "base/nn/activations.h"

namespace zhiyin {
namespace {

constexpr std::size_t kItemsAtATime = 512;

// Rows of a and b side by side.
nn::Matrix beside(const nn::Matrix& a, const nn::Matrix& b) {
  nn::Matrix both(a.rows(), a.columns() + b.columns());
  for (std::size_t r = 0; r < both.rows(); ++r) {
    std::ranges::copy(a.row(r), both.row(r).begin());
    std::ranges::copy(b.row(r), both.row(r).begin() + static_cast<std::ptrdiff_t>(a.columns()));
  }
  return both;
}

// `count` columns from `begin` on.
nn::Matrix columns(const nn::Matrix& x, std::size_t begin, std::size_t count) {
  nn::Matrix part(x.rows(), count);
  for (std::size_t r = 0; r < x.rows(); ++r) std::ranges::copy(x.row(r).subspan(begin, count), part.row(r).begin());
  return part;
}

nn::Matrix product(nn::Matrix a, const nn::Matrix& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a.values()[i] *= b.values()[i];
  return a;
}

}  // namespace

nn::Matrix NeuMfNet::forward(nn::Matrix users, nn::Matrix items, Kept* keep) const {
  Kept kept;
  kept.first_bent = nn::relu(first_.forward(beside(users, items), &kept.first));
  kept.second_bent = nn::relu(second_.forward(kept.first_bent, &kept.second));
  auto scores = out_.forward(beside(product(users, items), kept.second_bent), &kept.out);
  if (keep != nullptr) {
    kept.users = std::move(users);
    kept.items = std::move(items);
    *keep = std::move(kept);
  }
  return scores;
}

NeuMfNet::Gradients NeuMfNet::backward(const nn::Matrix& dy, const Kept& kept) {
  const auto dim = kept.users.columns();
  const auto d_joined = out_.backward(dy, kept.out);
  const auto d_product = columns(d_joined, 0, dim);
  auto d_second = nn::relu_backward(columns(d_joined, dim, kept.second_bent.columns()), kept.second_bent);
  auto d_first = nn::relu_backward(second_.backward(d_second, kept.second), kept.first_bent);
  const auto d_both = first_.backward(d_first, kept.first);
  Gradients by{product(d_product, kept.items), product(d_product, kept.users)};
  by.users += columns(d_both, 0, dim);
  by.items += columns(d_both, dim, dim);
  return by;
}

void NeuMfNet::enumerate(nn::Parameters& all) {
  first_.enumerate("first", all);
  second_.enumerate("second", all);
  out_.enumerate("out", all);
}

double NeuMf::loss(const Batch& batch, const CandidateSampler&, Random& random, nn::Embedding& table,
                   nn::Matrix& by_users) const {
  const auto count = static_cast<std::size_t>(std::max(1.0, params_.at("negatives")));
  const auto others = untouched(batch.rows, count, table.ids(), random);
  const auto rows = batch.wanted.size();
  const auto dim = batch.users.columns() - 1;
  const auto each = 1 + count;  // pairs of a row: the item it wanted, then the others
  std::vector<std::uint32_t> ids(rows * each);
  nn::Matrix users(ids.size(), dim);
  for (std::size_t r = 0; r < rows; ++r) {
    ids[r * each] = batch.wanted[r];
    for (std::size_t k = 0; k < count; ++k) ids[r * each + 1 + k] = others[r * count + k];
    for (std::size_t k = 0; k < each; ++k)
      std::ranges::copy(batch.users.row(r).first(dim), users.row(r * each + k).begin());
  }
  const auto items = table.forward(ids);
  NeuMfNet::Kept kept;
  auto scores = net_->forward(std::move(users), columns(items, 0, dim), &kept);
  double sum = 0;
  const float share = 1 / static_cast<float>(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    const auto pairs = std::span(scores.values()).subspan(r * each, each);
    for (std::size_t k = 0; k < each; ++k) pairs[k] += items.row(r * each + k)[dim];
    float slope = 0;
    sum += share * logistic_loss(pairs[0], pairs.subspan(1), slope);
    pairs[0] = slope;
    for (auto& gradient : pairs) gradient *= share;
  }
  const auto by = net_->backward(scores, kept);
  table.backward(beside(by.items, scores), ids);
  by_users = nn::Matrix(rows, dim + 1);
  for (std::size_t pair = 0; pair < ids.size(); ++pair)
    axpy(1, by.users.row(pair).data(), by_users.row(pair / each).data(), dim);
  return sum;
}

void NeuMf::score_user(std::span<const float> user, const nn::Matrix& table, std::span<float> scores) const {
  const auto dim = table.columns() - 1;
  for (std::size_t begin = 0; begin < table.rows(); begin += kItemsAtATime) {
    const auto here = std::min(kItemsAtATime, table.rows() - begin);
    nn::Matrix users(here, dim);
    nn::Matrix items(here, dim);
    for (std::size_t k = 0; k < here; ++k) {
      std::ranges::copy(user.first(dim), users.row(k).begin());
      std::ranges::copy(table.row(begin + k).first(dim), items.row(k).begin());
    }
    const auto found = net_->forward(std::move(users), std::move(items));
    for (std::size_t k = 0; k < here; ++k) scores[begin + k] = found.row(k)[0] + table.row(begin + k)[dim];
  }
}

}  // namespace zhiyin
