#include "learn/choose_recommender.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "base/clock.h"
#include "base/log.h"
#include "base/measure/intervals.h"
#include "base/measure/metrics.h"
#include "base/measure/top_k.h"
#include "base/random.h"
#include "base/threads.h"
#include "match/registry/blend_search.h"
#include "match/registry/registry.h"

namespace zhiyin {
namespace {

constexpr MetricKey kQuality{RankingMetric::kNdcg, 20};

// By what they cost to train and to ask, and how much there is to explain; pop last (see the header).
constexpr std::array<std::string_view, 19> kSimplestFirst = {
    "itemknn",     "rp3beta", "userknn", "markov",    "slist", "spectral", "ease",   "ials",     "hybrid", "bpr",
    "logistic_mf", "softmax", "neumf",   "two_tower", "tower", "gru4rec",  "sasrec", "ensemble", "pop"};

// Where nothing can be measured: the first of these, else the simplest.
constexpr std::array<std::string_view, 4> kUnmeasured = {"ials", "ease", "itemknn", "pop"};

double mean_of(const Contender& contender) {
  return std::accumulate(contender.quality.begin(), contender.quality.end(), 0.0) /
         static_cast<double>(contender.quality.size());
}

RecommenderChoice by_order(std::span<const std::string> names, const std::string& why) {
  for (const auto preferred : kUnmeasured) {
    if (std::ranges::find(names, preferred) != names.end())
      return {std::string(preferred), fmt::format("{}: {}", preferred, why)};
  }
  return {names.front(), fmt::format("{}: {}", names.front(), why)};
}

// Whether most users' events have times to be told apart by.
bool knows_order(const Interactions& interactions) {
  std::size_t several = 0;
  std::size_t ordered = 0;
  for (UserIndex user = 0; user < interactions.users(); ++user) {
    const auto times = interactions.times(user);
    if (times.size() < 2) continue;
    ++several;
    ordered += std::ranges::min(times) < std::ranges::max(times) ? 1 : 0;
  }
  return 2 * ordered > several;
}

// Users drawn at random, whole rows, until they have `most` events; the items stay what they are.
Interactions some_users(const Interactions& interactions, std::size_t most, std::uint64_t seed) {
  std::vector<UserIndex> users(interactions.users());
  std::iota(users.begin(), users.end(), UserIndex{0});
  Random(seed, 12).shuffle<UserIndex>(users);
  std::vector<Interaction> cells;
  UserIndex next = 0;
  for (const auto user : users) {
    const auto row = interactions.row(user);
    if (cells.size() + row.size() > most) continue;
    for (std::size_t k = 0; k < row.size(); ++k)
      cells.push_back({next, row[k], interactions.weights(user)[k], interactions.times(user)[k]});
    ++next;
  }
  return Interactions::from(cells, next, interactions.items());
}

std::vector<double> quality_of(const Model& model, std::span<const Withheld> users, int threads) {
  std::vector<double> quality(users.size());
  parallel_for(users.size(), 16, threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<float> scores(model.items());
    std::vector<std::uint32_t> best;
    std::vector<std::uint8_t> hits;
    for (auto u = begin; u < end; ++u) {
      auto known = users[u].history.items;
      std::ranges::sort(known);
      model.score(users[u].history, scores);
      top_k(scores, known, kQuality.k, best);
      mark_hits(best, users[u].asked, hits);
      quality[u] = metric_of_list(kQuality, hits, users[u].asked.size());
    }
  });
  return quality;
}

}  // namespace

std::vector<std::string> contending(std::span<const std::string> models) {
  std::vector<std::string> names;
  for (const auto name : kSimplestFirst) {
    if (std::ranges::find(models, name) != models.end()) names.emplace_back(name);
  }
  return names;
}

RecommenderChoice pick_recommender(std::span<const Contender> contenders, const std::string& asked) {
  const auto& best = *std::ranges::max_element(contenders, {}, mean_of);
  if (contenders.size() == 1)
    return {best.model,
            fmt::format("{}: the only one that competes; ndcg@20 {:.3f} on {}", best.model, mean_of(best), asked)};
  const auto above = [&](const Contender& other) { return paired_difference(best.quality, other.quality, 42); };
  const auto told = [](const PairedDifference& by) {
    return fmt::format("(paired {:+.3f} [{:.3f}, {:.3f}])", by.mean, by.interval.low, by.interval.high);
  };
  // The best is within its own interval, so there is one.
  const auto& taken =
      *std::ranges::find_if(contenders, [&](const Contender& each) { return above(each).interval.low <= 0; });
  if (&taken != &best) {
    return {taken.model,
            fmt::format("{}: ndcg@20 {:.3f}, simpler than {} and not told from its {:.3f} {} on {}", taken.model,
                        mean_of(taken), best.model, mean_of(best), told(above(taken)), asked)};
  }
  const Contender* second = nullptr;
  for (const auto& each : contenders) {
    if (&each != &best && (second == nullptr || mean_of(each) > mean_of(*second))) second = &each;
  }
  return {best.model, fmt::format("{}: ndcg@20 {:.3f} against {} {:.3f} {} on {}", best.model, mean_of(best),
                                  second->model, mean_of(*second), told(above(*second)), asked)};
}

Result<RecommenderChoice> choose_recommender(std::span<const std::string> trained, const TrainingData& data,
                                             const ChooseOptions& options) {
  const auto names = contending(trained);
  if (names.empty()) return RecommenderChoice{};
  if (names.size() == 1) return by_order(names, "the only one that competes");

  const Stopwatch watch;
  const bool last = knows_order(data.interactions);
  Interactions rest;
  const auto users = BlendSearch::withhold(data.interactions.size() > options.most_events
                                               ? some_users(data.interactions, options.most_events, options.seed)
                                               : data.interactions,
                                           last, options.most_users, options.seed, rest);
  if (users.size() < options.fewest_users) {
    return by_order(names, fmt::format("first in order; {} users have events to hold back, {} are needed to compare",
                                       users.size(), options.fewest_users));
  }
  std::vector<Contender> contenders;
  for (const auto& name : names) {
    const auto given = options.params.find(name);
    ZY_TRY(auto copy, make_model(name, given == options.params.end() ? Params{} : given->second));
    if (const auto fitted =
            copy->train({rest, data.features, data.tower}, {.seed = options.seed, .threads = options.threads});
        !fitted.ok()) {
      log_warning("{} does not compete: {}", name, fitted.error().message);
      continue;
    }
    contenders.push_back({name, quality_of(*copy, users, options.threads)});
    log_info("who recommends: {} finds ndcg@20 {:.4f}", name, mean_of(contenders.back()));
  }
  if (contenders.empty()) return by_order(names, "first in order; none could be trained without what was held back");
  auto choice = pick_recommender(
      contenders, fmt::format("{} of {} users", last ? "the last events" : "a tenth of the events", users.size()));
  log_info("who recommends: {} ({:.1f} s)", choice.reason, watch.seconds());
  return choice;
}

}  // namespace zhiyin
