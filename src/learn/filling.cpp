#include "learn/filling.h"

#include <algorithm>

#include "base/kernels/vectors.h"
#include "base/measure/top_k.h"
#include "base/random.h"
#include "base/threads.h"
#include "match/content/whitening.h"
#include "match/linear/neighbour_lists.h"

namespace zhiyin {
namespace {

// What was added stands at the time of the user's oldest event and before it: it is not what they did last. Where it
// meets an event, the event wins.
Interactions with(const Interactions& known, std::vector<Interaction> cells) {
  for (auto& cell : cells) cell.time = std::ranges::min(known.times(cell.user));
  for (UserIndex user = 0; user < known.users(); ++user) {
    const auto row = known.row(user);
    for (std::size_t k = 0; k < row.size(); ++k)
      cells.push_back({user, row[k], known.weights(user)[k], known.times(user)[k]});
  }
  return Interactions::from(cells, known.users(), known.items());
}

// As it is folded in: oldest first is of no use to a model that reads weights.
History history_of_row(const Interactions& known, UserIndex user) {
  const auto row = known.row(user);
  const auto weights = known.weights(user);
  return {.items = {row.begin(), row.end()}, .weights = {weights.begin(), weights.end()}, .times = {}};
}

}  // namespace

Interactions filled_by_behaviour(const Interactions& known, const Model& model, const BehaviourFilling& filling,
                                 int threads) {
  std::vector<std::vector<std::uint32_t>> best(known.users());
  parallel_for(known.users(), 16, threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<float> scores(known.items());
    for (auto u = begin; u < end; ++u) {
      const auto user = static_cast<UserIndex>(u);
      if (known.row(user).empty() || known.row(user).size() > filling.few) continue;
      model.score(history_of_row(known, user), scores);
      top_k(scores, known.row(user), filling.added, best[u]);
      std::erase_if(best[u], [&](ItemIndex item) { return !(scores[item] > 0); });
    }
  });
  std::vector<Interaction> added;
  for (UserIndex user = 0; user < known.users(); ++user) {
    for (const auto item : best[user]) added.push_back({user, item, filling.weight});
  }
  return with(known, std::move(added));
}

Result<Interactions> filled_by_content(const Interactions& known, const ItemFeatures* features,
                                       const ContentFilling& filling, std::uint64_t seed, int threads) {
  ZY_TRY(const auto rows, whitened(features, known.items(), &ModalityBlock::neighbours, threads));
  const auto dim = features->dim;
  const auto by_item = known.transposed();
  std::vector<ItemIndex> givers;
  for (ItemIndex item = 0; item < known.items(); ++item) {
    if (by_item.row(item).size() > filling.few) givers.push_back(item);
  }
  std::vector<std::vector<Interaction>> added(known.items());
  parallel_for(known.items(), 16, threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<Neighbour> nearest;
    for (auto i = begin; i < end; ++i) {
      const auto item = static_cast<ItemIndex>(i);
      const auto touched = by_item.row(item);
      if (touched.size() > filling.few) continue;
      nearest.clear();
      for (const auto giver : givers) {
        const auto alike = dot(rows.data() + i * dim, rows.data() + giver * dim, dim);
        if (alike > 0) nearest.push_back({giver, alike});
      }
      keep_nearest(nearest, filling.neighbours);
      Random random(seed, item);  // an item's own, whatever thread it falls to
      for (const auto& neighbour : nearest) {
        for (const auto user : by_item.row(neighbour.item)) {
          if (random.uniform() < filling.share && !std::ranges::binary_search(touched, user))
            added[i].push_back({user, item, filling.weight});
        }
      }
    }
  });
  std::vector<Interaction> all;
  for (const auto& of_item : added) all.insert(all.end(), of_item.begin(), of_item.end());
  return with(known, std::move(all));
}

}  // namespace zhiyin
