#include "learn/train_ranker.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/measure/intervals.h"
#include "base/random.h"
#include "base/threads.h"
#include "feed/recommend/ranking.h"
#include "feed/recommend/recommend.h"
#include "match/registry/registry.h"

namespace zhiyin {
namespace {

constexpr std::size_t kFewestPositives = 3;
constexpr std::size_t kSlate = 20;

struct Asked {
  UserId user;
  ItemId item;  // held back
  RankRows rows;
  std::ptrdiff_t yes = -1;  // the candidate that is the item; -1: no source found it
};

double mean_of(std::span<const double> values) {
  return values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// The feed as it was before what is held back.
class Before {
 public:
  static Result<std::unique_ptr<Before>> make(const Store& store, const EventLog& log, const TrainingSet& set,
                                              const TrainingData& data, const Snapshot& snapshot,
                                              const RankerOptions& options) {
    std::unique_ptr<Before> before(new Before(options));
    const auto rest = before->hold_back(set, options);
    if (before->asked.size() < options.fewest_users) return before;
    auto partial = std::make_shared<Snapshot>();
    partial->id = "before";
    partial->items = snapshot.items;
    partial->fusion = snapshot.fusion;
    partial->recommender = snapshot.recommender;
    ZY_TRY(auto copy, make_model(snapshot.recommender, options.recommender));
    ZY_CHECK_OK(copy->train({rest, data.features, data.tower}, {.seed = options.seed, .threads = options.threads}));
    partial->models.emplace(snapshot.recommender, std::move(copy));
    ZY_TRY(before->view_, View::build(store, std::move(partial)));
    ZY_CHECK_OK(log.replay(0, [&](const LoggedEvent& logged) {
      const auto found = logged.offset > set.offset ? before->held_.end() : before->held_.find(logged.event.user);
      if (logged.offset <= set.offset && (found == before->held_.end() || found->second != logged.event.item))
        before->live_.apply(logged.event);
    }));
    before->recommender_ =
        std::make_unique<Recommender>([&view = before->view_] { return view; }, before->live_,
                                      Recommender::default_sources(before->live_), RecommendOptions{});
    return before;
  }

  // The candidates of everybody who was asked.
  Result<void> collect(const RankerOptions& options) {
    std::atomic<bool> failed{false};
    parallel_for(asked.size(), 16, options.threads, [&](std::size_t begin, std::size_t end, int) {
      for (auto u = begin; u < end; ++u) {
        auto rows = recommender_->ranking_rows(request(asked[u].user));
        if (!rows.ok()) {
          failed = true;
          continue;
        }
        asked[u].rows = std::move(*rows);
        const auto wanted = view_->find(asked[u].item);
        const auto& candidates = asked[u].rows.candidates;
        const auto found = std::ranges::find_if(candidates, [&](const auto& each) { return each.item == wanted; });
        if (found != candidates.end()) asked[u].yes = found - candidates.begin();
      }
    });
    return failed ? Result<void>(internal("a user whose past was replayed is not known")) : Result<void>();
  }

  // ndcg@20 of the slate of each of these users, with this ranker; nullptr: by quota. The same draws for both.
  [[nodiscard]] std::vector<double> quality(std::span<const std::size_t> users,
                                            std::shared_ptr<const CandidateRanker> ranker, int threads) {
    recommender_->set_ranker(std::move(ranker));
    std::vector<double> quality(users.size(), 0.0);
    parallel_for(users.size(), 16, threads, [&](std::size_t begin, std::size_t end, int) {
      for (auto k = begin; k < end; ++k) {
        const auto& one = asked[users[k]];
        const auto slate = recommender_->recommend(request(one.user));
        if (!slate.ok()) continue;
        const auto at = std::ranges::find(slate->items, one.item, &Recommended::item) - slate->items.begin();
        if (at < static_cast<std::ptrdiff_t>(slate->items.size()))
          quality[k] = 1 / std::log2(static_cast<double>(at + 2));
      }
    });
    return quality;
  }

  [[nodiscard]] const View& view() const { return *view_; }

  std::vector<Asked> asked;

 private:
  explicit Before(const RankerOptions& options) : live_({.events = options.events}) {}

  static Request request(const UserId& user) {
    Request request{user};
    request.count = kSlate;
    request.registered = true;
    request.seed = std::hash<std::string>{}(user.value);
    return request;
  }

  // Draws the users; returns what is left.
  Interactions hold_back(const TrainingSet& set, const RankerOptions& options) {
    std::vector<UserIndex> users;
    for (UserIndex user = 0; user < set.positives.users(); ++user) {
      if (set.positives.row(user).size() >= kFewestPositives) users.push_back(user);
    }
    Random(options.seed, 14).shuffle<UserIndex>(users);
    users.resize(std::min(users.size(), options.most_users));
    Random random(options.seed, 15);
    constexpr auto kNone = std::numeric_limits<ItemIndex>::max();
    std::vector<ItemIndex> held(set.positives.users(), kNone);
    for (const auto user : users) {
      const auto [oldest, newest] = std::ranges::minmax(set.positives.times(user));
      const auto row = set.positives.in_order(user);
      held[user] = oldest < newest ? row.back() : row[random.below(static_cast<std::uint32_t>(row.size()))];
      asked.push_back({set.users[user], set.items[held[user]], {}, -1});
      held_.emplace(set.users[user], set.items[held[user]]);
    }
    std::vector<Interaction> cells;
    for (UserIndex user = 0; user < set.positives.users(); ++user) {
      const auto row = set.positives.row(user);
      for (std::size_t k = 0; k < row.size(); ++k) {
        if (row[k] == held[user]) continue;
        cells.push_back({user, row[k], set.positives.weights(user)[k], set.positives.times(user)[k]});
      }
    }
    return Interactions::from(cells, set.positives.users(), set.positives.items());
  }

  std::unordered_map<UserId, ItemId> held_;
  std::shared_ptr<const View> view_;
  Live live_;
  std::unique_ptr<Recommender> recommender_;
};

// Rows of users whose item was found: the others say nothing of who is better.
NumericRows rows_of(std::span<const Asked> asked, std::span<const std::size_t> users) {
  NumericRows rows;
  rows.columns = kRankColumns.size();
  for (const auto u : users) {
    if (asked[u].yes < 0) continue;
    rows.values.insert(rows.values.end(), asked[u].rows.values.begin(), asked[u].rows.values.end());
    for (std::size_t k = 0; k < asked[u].rows.candidates.size(); ++k)
      rows.labels.push_back(static_cast<std::ptrdiff_t>(k) == asked[u].yes ? 1.0F : 0.0F);
  }
  return rows;
}

// Every fifth of the users stops the training, the others are learned from.
Result<NumericRanker> fit(std::string_view ranker, std::span<const Asked> asked, std::span<const std::size_t> users,
                          const RankerOptions& options) {
  std::vector<std::size_t> learn;
  std::vector<std::size_t> stop;
  for (std::size_t k = 0; k < users.size(); ++k) (k % 5 == 4 ? stop : learn).push_back(users[k]);
  return NumericRanker::fit(ranker, {}, {kRankColumns.begin(), kRankColumns.end()}, rows_of(asked, learn),
                            rows_of(asked, stop), {.seed = options.seed, .threads = options.threads});
}

std::string in_quotes(std::string_view text) {
  std::string all = "\"";
  for (const char c : text) all += c == '"' ? std::string(2, c) : std::string(1, c);
  return all + '"';
}

Result<void> write_rows(const std::filesystem::path& file, const View& view, std::span<const Asked> asked) {
  std::string text = fmt::format("user,item,label,{}\n", fmt::join(kRankColumns, ","));
  for (const auto& one : asked) {
    for (std::size_t k = 0; k < one.rows.candidates.size(); ++k) {
      text +=
          fmt::format("{},{},{}", in_quotes(one.user.value), in_quotes(view.item(one.rows.candidates[k].item).id.value),
                      static_cast<std::ptrdiff_t>(k) == one.yes ? 1 : 0);
      for (std::size_t c = 0; c < kRankColumns.size(); ++c)
        text += fmt::format(",{}", one.rows.values[k * kRankColumns.size() + c]);
      text += '\n';
    }
  }
  return write_file_atomic(file, text);
}

}  // namespace

Result<RankerChoice> train_ranker(const Store& store, const EventLog& log, const TrainingSet& set,
                                  const TrainingData& data, const Snapshot& snapshot, const RankerOptions& options) {
  for (const auto& name : options.rankers) ZY_CHECK_OK(make_ranker(name, {}));
  if (snapshot.recommender.empty()) return RankerChoice{{}, "the quotas: nothing has been learned from behaviour"};
  const Stopwatch watch;
  ZY_TRY(const auto before, Before::make(store, log, set, data, snapshot, options));
  auto& asked = before->asked;
  if (asked.size() < options.fewest_users) {
    return RankerChoice{{},
                        fmt::format("the quotas: {} users have {} positives or more, {} are needed to learn from",
                                    asked.size(), kFewestPositives, options.fewest_users)};
  }
  ZY_CHECK_OK(before->collect(options));
  if (!options.rows.empty()) ZY_CHECK_OK(write_rows(options.rows, before->view(), asked));

  std::array<std::vector<std::size_t>, 2> halves;
  std::vector<std::size_t> everybody(asked.size());
  std::iota(everybody.begin(), everybody.end(), std::size_t{0});
  for (const auto u : everybody) halves[u % 2].push_back(u);
  const auto quality = [&](const auto& ranker_for) -> std::vector<double> {
    std::vector<double> all(asked.size());
    for (std::size_t h = 0; h < 2; ++h) {
      const auto half = before->quality(halves[h], ranker_for(h), options.threads);
      for (std::size_t k = 0; k < half.size(); ++k) all[halves[h][k]] = half[k];
    }
    return all;
  };
  const auto quotas = quality([](std::size_t) { return nullptr; });

  // Each from one half of the users, all at once.
  std::vector<Result<NumericRanker>> fitted(2 * options.rankers.size(), internal("not fitted"));
  parallel_for(fitted.size(), 1, options.threads, [&](std::size_t begin, std::size_t end, int) {
    for (auto k = begin; k < end; ++k) fitted[k] = fit(options.rankers[k / 2], asked, halves[1 - k % 2], options);
  });
  std::string best;
  PairedDifference gain;
  double found = 0;
  for (std::size_t r = 0; r < options.rankers.size(); ++r) {
    std::array<std::shared_ptr<const CandidateRanker>, 2> by;
    for (std::size_t h = 0; h < 2; ++h) {
      auto& ranker = fitted[2 * r + h];
      if (!ranker.ok()) return RankerChoice{{}, fmt::format("the quotas: {}", ranker.error().message)};
      by[h] = candidate_ranker(std::make_shared<NumericRanker>(std::move(*ranker)));
    }
    const auto with = quality([&](std::size_t h) { return by[h]; });
    const auto difference = paired_difference(with, quotas, 42);
    log_info("who orders the feed: {} ndcg@20 {:.4f}, the quotas {:.4f} ({:+.4f} [{:.4f}, {:.4f}])", options.rankers[r],
             mean_of(with), mean_of(quotas), difference.mean, difference.interval.low, difference.interval.high);
    if (!best.empty() && difference.mean <= gain.mean) continue;
    best = options.rankers[r];
    gain = difference;
    found = mean_of(with);
  }
  const auto compared = fmt::format(
      "ndcg@20 of slates {:.3f} against {:.3f} by quota (paired {:+.3f} [{:.3f}, {:.3f}]) on a "
      "held-back event of each of {} users",
      found, mean_of(quotas), gain.mean, gain.interval.low, gain.interval.high, asked.size());
  if (best.empty() || (gain.interval.low <= 0 && !options.always))
    return RankerChoice{{}, fmt::format("the quotas: {} is not clearly better, {}", best, compared)};
  ZY_TRY(auto ranker, fit(best, asked, everybody, options));
  log_info("who orders the feed: {} ({:.1f} s)", best, watch.seconds());
  return RankerChoice{std::move(ranker), fmt::format("{}: {}", best, compared)};
}

}  // namespace zhiyin
