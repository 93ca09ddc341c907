#include "match/linear/userknn.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace zhiyin {

Result<void> UserKnn::train(const TrainingData& data, const TrainContext&) {
  if (data.interactions.size() == 0) return invalid("nobody has touched anything yet: there are no neighbours to find");
  by_user_ = data.interactions;
  by_item_ = by_user_.transposed();
  popularity_ = Popularity::of(by_user_);
  return {};
}

double UserKnn::norm(std::size_t asker_items, UserIndex other) const {
  const auto power = [this](std::string_view name, std::size_t count) {
    return std::pow(static_cast<double>(count), params_.find(name)->second);
  };
  return power("asker_power", asker_items) * power("other_power", by_user_.row(other).size()) +
         params_.find("shrink")->second;
}

std::vector<UserKnn::Neighbour> UserKnn::nearest(const History& history) const {
  std::vector<float> shared(by_user_.users(), 0);
  std::vector<Neighbour> found;
  for (std::size_t h = 0; h < history.items.size(); ++h) {
    for (const auto other : by_item_.row(history.items[h])) {
      if (shared[other] == 0) found.push_back({other, 0});
      shared[other] += history.weights[h];
    }
  }
  for (auto& [other, similarity] : found)
    similarity = static_cast<float>(shared[other] / norm(history.items.size(), other));
  const auto keep = std::min(found.size(), static_cast<std::size_t>(params_.find("neighbours")->second));
  std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(keep),
                            [](const Neighbour& a, const Neighbour& b) {
                              return a.similarity != b.similarity ? a.similarity > b.similarity : a.user < b.user;
                            });
  found.resize(keep);
  return found;
}

void UserKnn::score(const History& history, std::span<float> scores) const {
  if (history.items.empty()) return popularity_.score(scores);
  std::ranges::fill(scores, 0.0F);
  for (const auto& [other, similarity] : nearest(history)) {
    for (const auto item : by_user_.row(other)) scores[item] += similarity;
  }
}

std::vector<Contribution> UserKnn::explain(const History& history, ItemIndex item) const {
  std::vector<Contribution> shares;
  const auto touched = [](std::span<const ItemIndex> row, ItemIndex which) {
    return std::ranges::binary_search(row, which);
  };
  auto neighbours = nearest(history);
  std::erase_if(neighbours, [&](const Neighbour& n) { return !touched(by_user_.row(n.user), item); });
  for (std::size_t h = 0; h < history.items.size(); ++h) {
    double share = 0;
    for (const auto& [other, similarity] : neighbours) {
      if (touched(by_user_.row(other), history.items[h]))
        share += history.weights[h] / norm(history.items.size(), other);
    }
    if (share != 0) shares.push_back({history.items[h], static_cast<float>(share)});
  }
  std::ranges::stable_sort(shares, std::greater{}, &Contribution::share);
  return shares;
}

void UserKnn::save(Tensors& tensors) const {
  std::vector<std::int64_t> offsets{0};
  std::vector<ItemIndex> touched;
  for (UserIndex user = 0; user < by_user_.users(); ++user) {
    const auto row = by_user_.row(user);
    touched.insert(touched.end(), row.begin(), row.end());
    offsets.push_back(static_cast<std::int64_t>(touched.size()));
  }
  tensors.put("offsets", Tensor::from<std::int64_t>({offsets.size()}, offsets));
  tensors.put("touched", Tensor::from<ItemIndex>({touched.size()}, touched));
  tensors.metadata["items"] = std::to_string(by_user_.items());
}

Result<void> UserKnn::load(const Tensors& tensors) {
  constexpr std::array<std::size_t, 1> kAny = {0};
  ZY_TRY(const auto offsets, tensors.get("offsets", DType::kI64, kAny));
  ZY_TRY(const auto touched, tensors.get("touched", DType::kU32, kAny));
  const auto at = offsets.as<std::int64_t>();
  const auto to = touched.as<ItemIndex>();
  const auto count = tensors.metadata.find("items");
  const auto items = count == tensors.metadata.end() ? 0 : std::strtoull(count->second.c_str(), nullptr, 10);
  const bool sound = !at.empty() && at.front() == 0 && std::ranges::is_sorted(at) &&
                     static_cast<std::size_t>(at.back()) == to.size() &&
                     std::ranges::all_of(to, [&](ItemIndex item) { return item < items; });
  if (!sound) return corrupt("the users' rows do not fit together");
  std::vector<Interaction> cells;
  for (UserIndex user = 0; user + 1 < at.size(); ++user) {
    for (auto k = at[user]; k < at[user + 1]; ++k) cells.push_back({user, to[static_cast<std::size_t>(k)]});
  }
  by_user_ = Interactions::from(cells, at.size() - 1, items);
  by_item_ = by_user_.transposed();
  popularity_ = Popularity::of(by_user_);
  return {};
}

}  // namespace zhiyin
