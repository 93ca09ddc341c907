#include "match/linear/markov.h"

#include <algorithm>
#include <cmath>

namespace zhiyin {
namespace {

// One cell of C before equal ones are added up, ordered by target first.
struct Follow {
  ItemIndex target;
  ItemIndex from;
  float count;
};

void add_up(std::vector<Follow>& cells) {
  std::ranges::sort(cells, {}, [](const Follow& cell) { return std::pair(cell.target, cell.from); });
  std::size_t kept = 0;
  for (std::size_t k = 0; k < cells.size(); ++k) {
    if (kept > 0 && cells[kept - 1].target == cells[k].target && cells[kept - 1].from == cells[k].from) {
      cells[kept - 1].count += cells[k].count;
    } else {
      cells[kept++] = cells[k];
    }
  }
  cells.resize(kept);
}

}  // namespace

Result<void> Markov::train(const TrainingData& data, const TrainContext&) {
  constexpr std::size_t kAtOnce = 1U << 22U;  // cells held before equal ones are added up
  const auto& rows = data.interactions;
  if (rows.size() == 0) return invalid("nobody has touched anything yet: nothing followed anything");
  const auto window = static_cast<std::size_t>(std::max(1.0, params_["window"]));
  const auto backward = static_cast<float>(params_["backward"]);
  std::vector<float> fade(window);
  for (std::size_t lag = 0; lag < window; ++lag)
    fade[lag] = static_cast<float>(std::pow(params_["decay"], static_cast<double>(lag)));

  std::vector<Follow> cells;
  std::size_t next_sum = kAtOnce;
  for (UserIndex user = 0; user < rows.users(); ++user) {
    const auto sequence = rows.in_order(user);
    for (std::size_t b = 1; b < sequence.size(); ++b) {
      for (std::size_t lag = 1; lag <= std::min(window, b); ++lag) {
        const auto earlier = sequence[b - lag];
        cells.push_back({sequence[b], earlier, fade[lag - 1]});
        if (backward > 0) cells.push_back({earlier, sequence[b], backward * fade[lag - 1]});
      }
    }
    if (cells.size() < next_sum) continue;
    add_up(cells);
    next_sum = std::max(kAtOnce, 2 * cells.size());
  }
  add_up(cells);

  const auto counts = rows.item_counts();
  const auto norm = [&](std::string_view power, ItemIndex item) {
    return std::pow(static_cast<double>(counts[item]), params_.find(power)->second);
  };
  std::vector<std::vector<Neighbour>> before(rows.items());
  for (const auto& [target, from, count] : cells) {
    const double scale = norm("history_power", from) * norm("target_power", target);
    before[target].push_back({from, static_cast<float>(count / scale)});
  }
  for (auto& found : before) keep_nearest(found, static_cast<std::size_t>(params_["neighbours"]));
  weights_ = NeighbourLists(before);
  popularity_ = Popularity::of(data.interactions);
  return {};
}

}  // namespace zhiyin
