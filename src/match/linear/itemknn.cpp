#include "match/linear/itemknn.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/threads.h"

namespace zhiyin {
namespace {

constexpr std::string_view kMasses = "update.masses";
constexpr std::string_view kMeanLength = "update.mean_length";

// BM25's weight of a term that a document has once, squared, by the document's length: what a user adds to G.
std::vector<float> bm25_weights(std::span<const std::uint32_t> lengths, double mean_length) {
  constexpr double kSaturation = 1.2;    // k1
  constexpr double kLengthShare = 0.75;  // b
  std::vector<float> weights(lengths.size());
  std::ranges::transform(lengths, weights.begin(), [&](std::uint32_t length) {
    const double relative = 1 - kLengthShare + kLengthShare * length / mean_length;
    const double term = (kSaturation + 1) / (1 + kSaturation * relative);
    return static_cast<float>(term * term);
  });
  return weights;
}

}  // namespace

std::vector<float> ItemKnn::user_weights(const Interactions& by_user) const {
  const auto lengths = user_counts(by_user);
  return bm25() ? bm25_weights(lengths, mean_length_) : dampened(lengths, params_.at("user_power"));
}

CoOccurrence ItemKnn::settings() const {
  CoOccurrence how{.shrink = params_.at("shrink"), .neighbours = static_cast<std::size_t>(params_.at("neighbours"))};
  for (const auto mass : masses_) {
    how.history_norm.push_back(std::pow(mass, bm25() ? 0.5 : params_.at("history_power")));
    how.target_norm.push_back(std::pow(mass, bm25() ? 0.5 : params_.at("target_power")));
  }
  return how;
}

Result<void> ItemKnn::train(const TrainingData& data, const TrainContext& context) {
  const auto& by_user = data.interactions;
  if (by_user.size() == 0) return invalid("nobody has touched anything yet: there are no neighbours to find");
  mean_length_ = static_cast<double>(by_user.size()) / static_cast<double>(by_user.users());
  const auto weights = user_weights(by_user);
  std::vector<double> masses(by_user.items(), 0);
  for (UserIndex user = 0; user < by_user.users(); ++user) {
    for (const auto item : by_user.row(user)) masses[item] += mass(weights[user]);
  }
  masses_.assign(masses.begin(), masses.end());
  auto how = settings();
  how.user_weight = weights;
  weights_ = nearest_together(by_user, how, context.threads);
  popularity_ = Popularity::of(data.interactions);
  return {};
}

Result<std::unique_ptr<Model>> ItemKnn::updated(const Update& update) const {
  if (masses_.size() != items()) return not_updatable(name());
  const auto& by_user = update.interactions;
  const auto by_item = by_user.transposed();
  const auto changed = changed_items(update);
  auto next = std::make_unique<ItemKnn>(*this);
  next->masses_.resize(by_user.items(), 0);
  const auto weights = user_weights(by_user);
  for (const auto item : changed) {
    double sum = 0;
    for (const auto user : by_item.row(item)) sum += mass(weights[user]);
    next->masses_[item] = static_cast<float>(sum);
  }
  auto how = next->settings();
  how.user_weight = weights;

  // Both ways: what a changed item says of the others, and what they say of it.
  auto lists = turned(weights_.by_history());  // by target
  lists.resize(by_user.items());
  std::vector<bool> is_changed(by_user.items(), false);
  for (const auto item : changed) is_changed[item] = true;
  for (auto& list : lists) std::erase_if(list, [&](const Neighbour& near) { return is_changed[near.item]; });
  std::vector<std::vector<Together>> together(changed.size());
  parallel_for(changed.size(), 8, update.threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<float> sums(by_user.items(), 0);
    for (auto k = begin; k < end; ++k) touched_together(by_user, by_item, changed[k], weights, sums, together[k]);
  });
  for (std::size_t k = 0; k < changed.size(); ++k) {
    const auto item = changed[k];
    lists[item].clear();
    for (const auto& [other, sum] : together[k]) {
      if (next->masses_[other] == 0) continue;  // what it has done is not told yet
      lists[item].push_back({other, how.similarity(sum, other, item)});
      if (!is_changed[other]) lists[other].push_back({item, how.similarity(sum, item, other)});
    }
  }
  for (auto& list : lists) keep_nearest(list, how.neighbours);
  next->weights_ = NeighbourLists(lists);
  next->popularity_.add_items(by_user.items());
  return std::unique_ptr<Model>(std::move(next));
}

void ItemKnn::save(Tensors& tensors) const {
  LinearModel::save(tensors);
  if (masses_.empty()) return;
  tensors.put(std::string(kMasses), Tensor::from<float>({masses_.size()}, masses_));
  tensors.put(std::string(kMeanLength), Tensor::from<float>({1}, std::array{static_cast<float>(mean_length_)}));
}

Result<void> ItemKnn::load(const Tensors& tensors) {
  ZY_CHECK_OK(LinearModel::load(tensors));
  masses_.clear();
  if (!tensors.has(kMasses)) return {};  // written before there were any
  ZY_TRY(const auto masses, tensors.get(kMasses, DType::kF32, std::array{items()}));
  ZY_TRY(const auto mean_length, tensors.get(kMeanLength, DType::kF32, std::array<std::size_t, 1>{1}));
  masses_.assign(masses.as<float>().begin(), masses.as<float>().end());
  mean_length_ = mean_length.as<float>()[0];
  if (!(mean_length_ > 0) || !std::ranges::all_of(masses_, [](float mass) { return mass >= 0; }))
    return corrupt("the masses are impossible");
  return {};
}

}  // namespace zhiyin
