#include "match/factors/sgd_factors.h"

#include <algorithm>
#include <cmath>

#include "base/kernels/vectors.h"
#include "base/nn/sampled_softmax.h"
#include "match/descent.h"

namespace zhiyin {
namespace {

constexpr std::size_t kUsers = 16;  // a step
constexpr int kLookEvery = 2;       // epochs
constexpr int kTries = 10;          // to find an item that the user has not touched

}  // namespace

void SgdFactors::build(std::size_t items, std::size_t dim, float power, std::uint64_t seed) {
  Random random(seed, 9);
  power_ = power;
  tower_ = std::make_unique<HistoryTower>(items, dim, power, random);
  items_ = std::make_unique<nn::Embedding>(items, dim + 1, 0.1F / std::sqrt(static_cast<float>(dim)), random);
  build_net(dim, random);
}

nn::Parameters SgdFactors::all() const {
  nn::Parameters all;
  tower_->enumerate(all);
  items_->enumerate("items", all);
  enumerate_net(all);
  return all;
}

Result<void> SgdFactors::train(const TrainingData& data, const TrainContext& context) {
  const auto& interactions = data.interactions;
  popularity_ = Popularity::of(interactions);
  auto rows = rows_of(interactions);
  const auto kept_out = keep_out(rows, context.seed);
  std::erase_if(rows, [](const auto& row) { return row.empty(); });
  if (rows.empty()) return invalid("nobody has touched anything yet: there is nothing to learn from");
  std::vector<ItemIndex> wanted;
  for (const auto& row : rows) wanted.insert(wanted.end(), row.begin(), row.end());
  const CandidateSampler sampler(interactions.items(), std::move(wanted));
  build(interactions.items(), static_cast<std::size_t>(std::max(1.0, params_["factors"])),
        static_cast<float>(params_["power"]), context.seed);

  Random random(context.seed, 10);
  const auto pass = [&](nn::Adam& adam) {
    return step_through(rows, kUsers, random, adam, [&](auto batch) { return step(batch, sampler, random); });
  };
  std::function<double()> quality;
  if (!kept_out.empty()) quality = [&] { return ndcg_at_10(*this, kept_out, context.threads); };
  return descend(name(), all(), descent_options(params_, kLookEvery), context, pass, quality);
}

double SgdFactors::step(std::span<const std::vector<ItemIndex>> rows, const CandidateSampler& sampler, Random& random) {
  HistoryTower::Kept kept;
  const auto vectors = tower_->forward(rows, static_cast<float>(params_.at("dropout")), random, kept);
  const auto dim = vectors.columns();
  nn::Matrix users(vectors.rows(), dim + 1, 1);
  for (std::size_t r = 0; r < users.rows(); ++r) std::ranges::copy(vectors.row(r), users.row(r).begin());
  nn::Matrix by_users;
  const auto value = loss({users, kept.items, rows}, sampler, random, *items_, by_users);
  nn::Matrix by_vectors(vectors.rows(), dim);
  for (std::size_t r = 0; r < users.rows(); ++r)
    std::ranges::copy(by_users.row(r).first(dim), by_vectors.row(r).begin());
  tower_->backward(by_vectors, kept);
  return value;
}

std::vector<std::uint32_t> SgdFactors::untouched(std::span<const std::vector<ItemIndex>> rows, std::size_t count,
                                                 std::size_t items, Random& random) {
  std::vector<std::uint32_t> others;
  for (const auto& row : rows) {
    for (std::size_t k = 0; k < row.size() * count; ++k) {
      ItemIndex other = 0;
      for (int tries = 0; tries < kTries; ++tries) {
        other = random.below(static_cast<std::uint32_t>(items));
        if (!std::ranges::binary_search(row, other)) break;
      }
      others.push_back(other);
    }
  }
  return others;
}

double SgdFactors::pairwise(RowLoss row_loss, const Batch& batch, Random& random, nn::Embedding& table,
                            nn::Matrix& by_users) const {
  const auto count = static_cast<std::size_t>(std::max(1.0, params_.at("negatives")));
  const auto others = untouched(batch.rows, count, table.ids(), random);
  auto found = sampled_loss(row_loss, batch.users, table.forward(batch.wanted), table.forward(others), count);
  table.backward(found.by_own, batch.wanted);
  table.backward(found.by_others, others);
  by_users = std::move(found.by_states);
  return found.value;
}

double SoftmaxFactors::loss(const Batch& batch, const CandidateSampler& sampler, Random& random, nn::Embedding& table,
                            nn::Matrix& by_users) const {
  const auto drawn = sampler.draw(static_cast<std::size_t>(params_.at("candidates")), random);
  const auto vectors = table.forward(drawn.items);
  auto found = nn::sampled_softmax(batch.users, batch.wanted, table.forward(batch.wanted),
                                   {drawn.items, drawn.log_expected, vectors});
  table.backward(found.by_own, batch.wanted);
  table.backward(found.by_candidates, drawn.items);
  by_users = std::move(found.by_states);
  return found.value;
}

void SgdFactors::score(const History& history, std::span<float> scores) const {
  if (history.items.empty()) return popularity_.score(scores);
  auto user = tower_->user(history);
  user.push_back(1);
  score_user(user, items_->table(), scores);
}

void SgdFactors::score_user(std::span<const float> user, const nn::Matrix& table, std::span<float> scores) const {
  row_dots(table.data(), table.rows(), table.columns(), user.data(), scores.data());
}

void SgdFactors::save(Tensors& tensors) const {
  if (!items_) return;
  nn::save(all(), "", tensors);
  popularity_.save(tensors);
  const std::array<float, 1> power = {power_};
  tensors.put("power", Tensor::from<float>({1}, power));
}

Result<void> SgdFactors::load(const Tensors& tensors) {
  ZY_TRY(const auto table, tensors.get("history.weight", DType::kF32, std::array<std::size_t, 2>{0, 0}));
  ZY_TRY(const auto power, tensors.get("power", DType::kF32, std::array<std::size_t, 1>{1}));
  if (table.shape()[1] == 0) return corrupt("the factors have no dimension");
  build(table.shape()[0], table.shape()[1], power.as<float>()[0], 0);
  ZY_TRY(popularity_, Popularity::load(tensors, items()));
  return nn::load(all(), "", tensors);
}

}  // namespace zhiyin
