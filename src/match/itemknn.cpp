#include "match/itemknn.h"

#include <algorithm>
#include <cmath>

#include "base/threads.h"

namespace zhiyin {
Result<void> ItemKnn::train(const TrainingData& data, const TrainContext& context) {
  const auto& by_user = data.interactions;
  if (by_user.size() == 0) return invalid("nobody has touched anything yet: there are no neighbours to find");
  const auto by_item = by_user.transposed();
  const auto counts = by_user.item_counts();
  const std::size_t items = by_user.items();
  std::vector<float> user_weight(by_user.users());
  for (UserIndex user = 0; user < by_user.users(); ++user) {
    const auto touched = by_user.row(user).size();
    user_weight[user] =
        touched == 0 ? 0 : static_cast<float>(std::pow(static_cast<double>(touched), -params_["user_power"]));
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
      keep_nearest(found, keep);
    }
  });

  lists_ = NeighbourLists(neighbours);
  return {};
}

Result<void> ItemKnn::load(const Tensors& tensors) {
  ZY_TRY(lists_, NeighbourLists::load(tensors));
  return {};
}

}  // namespace zhiyin
