#include "learn/filling.h"

#include <algorithm>

#include "base/measure/top_k.h"
#include "base/threads.h"
#include "match/standard_score.h"

namespace zhiyin {
namespace {

History history_of(const Interactions& known, UserIndex user) {
  const auto row = known.row(user);
  const auto weights = known.weights(user);
  return {{row.begin(), row.end()}, {weights.begin(), weights.end()}, {}};
}

std::vector<Interaction> cells_of(const Interactions& known) {
  std::vector<Interaction> cells;
  for (UserIndex user = 0; user < known.users(); ++user) {
    for (std::size_t k = 0; k < known.row(user).size(); ++k)
      cells.push_back({user, known.row(user)[k], known.weights(user)[k], known.times(user)[k]});
  }
  return cells;
}

struct Guess {
  UserIndex user;
  double score;  // in deviations above the mean of the user's scores
};

// Keeps the `most` best, the lower user first among equals.
void offer(std::vector<Guess>& best, const Guess& guess, std::size_t most) {
  const auto better = [](const Guess& a, const Guess& b) {
    return a.score != b.score ? a.score > b.score : a.user < b.user;
  };
  if (best.size() == most && !better(guess, best.back())) return;
  best.insert(std::ranges::upper_bound(best, guess, better), guess);
  if (best.size() > most) best.pop_back();
}

}  // namespace

History filled(History history, const Model& sure, const FillingOptions& options) {
  if (history.items.size() >= options.below) return history;
  std::vector<float> scores(sure.items());
  sure.score(history, scores);
  const auto scale = standard_scale(scores);
  auto known = history.items;
  std::ranges::sort(known);
  std::vector<ItemIndex> best;
  top_k(scores, known, options.added, best);
  history.times.clear();  // of a guess there is none
  for (const auto item : best) {
    if (scale.of(scores[item]) < options.sure) break;
    history.items.push_back(item);
    history.weights.push_back(options.weight);
  }
  return history;
}

Interactions fill_users(const Interactions& known, const Model& sure, const FillingOptions& options, int threads) {
  std::vector<std::vector<ItemIndex>> added(known.users());
  parallel_for(known.users(), 64, threads, [&](std::size_t begin, std::size_t end, int) {
    for (auto user = static_cast<UserIndex>(begin); user < end; ++user) {
      const auto longer = filled(history_of(known, user), sure, options).items;
      added[user].assign(longer.begin() + static_cast<std::ptrdiff_t>(known.row(user).size()), longer.end());
    }
  });
  auto cells = cells_of(known);
  for (UserIndex user = 0; user < known.users(); ++user) {
    for (const auto item : added[user]) cells.push_back({user, item, options.weight, 0});
  }
  return Interactions::from(cells, known.users(), known.items());
}

Interactions fill_items(const Interactions& known, const Model& sure, const FillingOptions& options, int threads) {
  const auto counts = known.item_counts();
  std::vector<ItemIndex> sparse;
  for (ItemIndex item = 0; item < counts.size(); ++item) {
    if (counts[item] < options.below) sparse.push_back(item);
  }
  // A worker keeps what its users offer; the order in which they come changes nothing.
  std::vector<std::vector<std::vector<Guess>>> best(static_cast<std::size_t>(threads),
                                                    std::vector<std::vector<Guess>>(sparse.size()));
  parallel_for(known.users(), 64, threads, [&](std::size_t begin, std::size_t end, int worker) {
    std::vector<float> scores(sure.items());
    for (auto user = static_cast<UserIndex>(begin); user < end; ++user) {
      sure.score(history_of(known, user), scores);
      const auto scale = standard_scale(scores);
      for (std::size_t s = 0; s < sparse.size(); ++s) {
        const double score = scale.of(scores[sparse[s]]);
        if (score >= options.sure && !std::ranges::binary_search(known.row(user), sparse[s]))
          offer(best[static_cast<std::size_t>(worker)][s], {user, score}, options.added);
      }
    }
  });
  auto cells = cells_of(known);
  for (std::size_t s = 0; s < sparse.size(); ++s) {
    auto& all = best.front()[s];
    for (const auto& of_worker : std::span(best).subspan(1)) {
      for (const auto& guess : of_worker[s]) offer(all, guess, options.added);
    }
    for (const auto& guess : all) cells.push_back({guess.user, sparse[s], options.weight, 0});
  }
  return Interactions::from(cells, known.users(), known.items());
}

}  // namespace zhiyin
