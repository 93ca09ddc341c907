#include "match/linear/neighbour_lists.h"

#include <algorithm>
#include <array>

namespace zhiyin {

void keep_nearest(std::vector<Neighbour>& found, std::size_t keep) {
  const auto better = [](const Neighbour& a, const Neighbour& b) {
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.item < b.item;
  };
  if (keep < found.size()) {
    std::ranges::nth_element(found, found.begin() + static_cast<std::ptrdiff_t>(keep), better);
    found.resize(keep);
  }
  std::ranges::sort(found, better);
}

NeighbourLists::NeighbourLists(const std::vector<std::vector<Neighbour>>& of_target) {
  const auto items = of_target.size();
  offsets_.assign(items + 1, 0);
  for (const auto& found : of_target) {
    for (const auto& neighbour : found) ++offsets_[neighbour.item + 1];
  }
  for (std::size_t i = 0; i < items; ++i) offsets_[i + 1] += offsets_[i];
  targets_.resize(static_cast<std::size_t>(offsets_.back()));
  similarity_.resize(targets_.size());
  auto next = offsets_;
  for (ItemIndex target = 0; target < items; ++target) {
    for (const auto& neighbour : of_target[target]) {
      const auto at = static_cast<std::size_t>(next[neighbour.item]++);
      targets_[at] = target;
      similarity_[at] = neighbour.similarity;
    }
  }
}

std::vector<std::vector<Neighbour>> NeighbourLists::by_history() const {
  std::vector<std::vector<Neighbour>> lists(items());
  for (ItemIndex item = 0; item < items(); ++item) {
    for (auto at = static_cast<std::size_t>(offsets_[item]); at < static_cast<std::size_t>(offsets_[item + 1]); ++at)
      lists[item].push_back({targets_[at], similarity_[at]});
  }
  return lists;
}

NeighbourLists NeighbourLists::of_some(const Ranks& targets) const {
  NeighbourLists some;
  some.offsets_.assign(1, 0);
  for (ItemIndex item = 0; item < items(); ++item) {
    for (auto at = static_cast<std::size_t>(offsets_[item]); at < static_cast<std::size_t>(offsets_[item + 1]); ++at) {
      if (!targets.has(targets_[at])) continue;
      some.targets_.push_back(static_cast<ItemIndex>(targets.rank(targets_[at])));
      some.similarity_.push_back(similarity_[at]);
    }
    some.offsets_.push_back(static_cast<std::int64_t>(some.targets_.size()));
  }
  some.targets_.shrink_to_fit();
  some.similarity_.shrink_to_fit();
  return some;
}

void NeighbourLists::score(const History& history, std::span<float> scores) const {
  std::ranges::fill(scores, 0.0F);
  for (std::size_t h = 0; h < history.items.size(); ++h) {
    const auto item = history.items[h];
    for (auto at = static_cast<std::size_t>(offsets_[item]); at < static_cast<std::size_t>(offsets_[item + 1]); ++at) {
      scores[targets_[at]] += history.weights[h] * similarity_[at];
    }
  }
}

std::vector<Contribution> NeighbourLists::explain(const History& history, ItemIndex item) const {
  std::vector<Contribution> shares;
  for (std::size_t h = 0; h < history.items.size(); ++h) {
    const auto begin = targets_.begin() + offsets_[history.items[h]];
    const auto end = targets_.begin() + offsets_[history.items[h] + 1];
    const auto found = std::lower_bound(begin, end, item);
    if (found == end || *found != item) continue;
    shares.push_back(
        {history.items[h], history.weights[h] * similarity_[static_cast<std::size_t>(found - targets_.begin())]});
  }
  std::ranges::stable_sort(shares, std::greater{}, &Contribution::share);
  return shares;
}

void NeighbourLists::save(Tensors& tensors) const {
  tensors.put("offsets", Tensor::from<std::int64_t>({offsets_.size()}, offsets_));
  tensors.put("targets", Tensor::from<ItemIndex>({targets_.size()}, targets_));
  tensors.put("similarity", Tensor::from<float>({similarity_.size()}, similarity_));
}

Result<NeighbourLists> NeighbourLists::load(const Tensors& tensors) {
  constexpr std::array<std::size_t, 1> kAny = {0};
  ZY_TRY(const auto offsets, tensors.get("offsets", DType::kI64, kAny));
  ZY_TRY(const auto targets, tensors.get("targets", DType::kU32, kAny));
  ZY_TRY(const auto similarity, tensors.get("similarity", DType::kF32, kAny));
  const auto at = offsets.as<std::int64_t>();
  const auto to = targets.as<ItemIndex>();
  const auto values = similarity.as<float>();
  const bool sound = !at.empty() && at.front() == 0 && std::ranges::is_sorted(at) &&
                     static_cast<std::size_t>(at.back()) == to.size() && to.size() == values.size() &&
                     std::ranges::all_of(to, [&](ItemIndex item) { return item + 1 < at.size(); });
  if (!sound) return corrupt("the neighbour lists do not fit together");
  NeighbourLists lists;
  lists.offsets_.assign(at.begin(), at.end());
  lists.targets_.assign(to.begin(), to.end());
  lists.similarity_.assign(values.begin(), values.end());
  return lists;
}

}  // namespace zhiyin
