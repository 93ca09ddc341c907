#include "match/itemknn.h"

#include <algorithm>
#include <cmath>

#include "base/threads.h"

namespace zhiyin {
namespace {

struct Neighbour {
  ItemIndex item;
  float similarity;
};

}  // namespace

Result<void> ItemKnn::train(const TrainingData& data, const TrainContext& context) {
  const auto& by_user = data.interactions;
  if (by_user.size() == 0) return invalid("nobody has touched anything yet: there are no neighbours to find");
  const auto by_item = by_user.transposed();
  const auto counts = by_user.item_counts();
  const std::size_t items = by_user.items();
  std::vector<float> user_weight(by_user.users());
  for (UserIndex user = 0; user < by_user.users(); ++user) {
    const auto touched = by_user.row(user).size();
    user_weight[user] = touched == 0 ? 0 : static_cast<float>(std::pow(static_cast<double>(touched), -params_["user_power"]));
  }
  std::vector<double> history_norm(items);
  std::vector<double> target_norm(items);
  for (std::size_t i = 0; i < items; ++i) {
    history_norm[i] = std::pow(counts[i], params_["history_power"]);
    target_norm[i] = std::pow(counts[i], params_["target_power"]);
  }
  const auto keep = static_cast<std::size_t>(params_["neighbours"]);
  const double shrink = params_["shrink"];

  // Neighbours of each target, best first.
  std::vector<std::vector<Neighbour>> neighbours(items);
  std::vector<std::vector<float>> sums(static_cast<std::size_t>(context.threads), std::vector<float>(items, 0));
  parallel_for(items, 64, context.threads, [&](std::size_t begin, std::size_t end, int worker) {
    auto& sum = sums[static_cast<std::size_t>(worker)];
    std::vector<ItemIndex> touched;
    for (auto target = begin; target < end; ++target) {
      touched.clear();
      for (const auto user : by_item.row(static_cast<ItemIndex>(target))) {
        for (const auto other : by_user.row(user)) {
          if (sum[other] == 0) touched.push_back(other);
          sum[other] += user_weight[user];
        }
      }
      auto& found = neighbours[target];
      for (const auto other : touched) {
        const double norm = history_norm[other] * target_norm[target] + shrink;
        if (other != target) found.push_back({other, static_cast<float>(sum[other] / norm)});
        sum[other] = 0;
      }
      const auto better = [](const Neighbour& a, const Neighbour& b) {
        return a.similarity != b.similarity ? a.similarity > b.similarity : a.item < b.item;
      };
      const auto kept = std::min(keep, found.size());
      std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(kept), better);
      found.resize(kept);
    }
  });

  // Turned round: by the history's item.
  offsets_.assign(items + 1, 0);
  for (const auto& found : neighbours) {
    for (const auto& neighbour : found) ++offsets_[neighbour.item + 1];
  }
  for (std::size_t i = 0; i < items; ++i) offsets_[i + 1] += offsets_[i];
  targets_.resize(static_cast<std::size_t>(offsets_.back()));
  similarity_.resize(targets_.size());
  auto next = offsets_;
  for (ItemIndex target = 0; target < items; ++target) {
    for (const auto& neighbour : neighbours[target]) {
      const auto at = static_cast<std::size_t>(next[neighbour.item]++);
      targets_[at] = target;
      similarity_[at] = neighbour.similarity;
    }
  }
  return {};
}

void ItemKnn::score(const History& history, std::span<float> scores) const {
  std::ranges::fill(scores, 0.0F);
  for (std::size_t h = 0; h < history.items.size(); ++h) {
    const auto item = history.items[h];
    for (auto at = static_cast<std::size_t>(offsets_[item]); at < static_cast<std::size_t>(offsets_[item + 1]); ++at) {
      scores[targets_[at]] += history.weights[h] * similarity_[at];
    }
  }
}

std::vector<Contribution> ItemKnn::explain(const History& history, ItemIndex item) const {
  std::vector<Contribution> shares;
  for (std::size_t h = 0; h < history.items.size(); ++h) {
    const auto begin = targets_.begin() + offsets_[history.items[h]];
    const auto end = targets_.begin() + offsets_[history.items[h] + 1];
    const auto found = std::lower_bound(begin, end, item);
    if (found == end || *found != item) continue;
    shares.push_back({history.items[h], history.weights[h] * similarity_[static_cast<std::size_t>(found - targets_.begin())]});
  }
  std::ranges::stable_sort(shares, std::greater{}, &Contribution::share);
  return shares;
}

void ItemKnn::save(Tensors& tensors) const {
  tensors.put("offsets", Tensor::from<std::int64_t>({offsets_.size()}, offsets_));
  tensors.put("targets", Tensor::from<ItemIndex>({targets_.size()}, targets_));
  tensors.put("similarity", Tensor::from<float>({similarity_.size()}, similarity_));
}

Result<void> ItemKnn::load(const Tensors& tensors) {
  constexpr std::array<std::size_t, 1> kAny = {0};
  ZY_TRY(const auto offsets, tensors.get("offsets", DType::kI64, kAny));
  ZY_TRY(const auto targets, tensors.get("targets", DType::kU32, kAny));
  ZY_TRY(const auto similarity, tensors.get("similarity", DType::kF32, kAny));
  const auto at = offsets.as<std::int64_t>();
  const auto to = targets.as<ItemIndex>();
  const auto values = similarity.as<float>();
  const bool sound = !at.empty() && at.front() == 0 && std::ranges::is_sorted(at) && static_cast<std::size_t>(at.back()) == to.size() &&
                     to.size() == values.size() && std::ranges::all_of(to, [&](ItemIndex item) { return item + 1 < at.size(); });
  if (!sound) return corrupt("the neighbour lists do not fit together");
  offsets_.assign(at.begin(), at.end());
  targets_.assign(to.begin(), to.end());
  similarity_.assign(values.begin(), values.end());
  return {};
}

}  // namespace zhiyin
