// One request to the feed: all sources, all reasons, no answer remembered, each request another user's as long as there
// are some. Three times: with what is near an item by content found at every request ("from_nothing"); kept, as a server
// does once it has run for a minute; and that with a ranker ("ranked"), which is shown more candidates and orders them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <unordered_set>

#include "app/bench/bench.h"
#include "app/bench/synthetic_home.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/measure/top_k.h"
#include "base/random.h"
#include "base/threads.h"
#include "feed/recommend/recommend.h"
#include "state/index/cluster_index.h"
#include "state/index/scan_index.h"

namespace zhiyin {
namespace {

constexpr std::array kFlags = {
    BenchFlag{"items", "items of the catalogue", "100000", 1000, 5'000'000},
    BenchFlag{"dim", "of factors and content vectors", "64", 2, 1024},
    BenchFlag{"history", "items that each user liked", "100", 1, 1000},
    BenchFlag{"fresh", "percent of the items that nobody touched", "5", 1, 90},
    BenchFlag{"neighbours", "of each item in content_blend", "300", 1, 1000},
    BenchFlag{"count", "items of an answer", "20", 1, 500},
    BenchFlag{"requests", "that are timed", "2000", 10, 1'000'000},
};
constexpr std::size_t kMostUsers = 2000;
constexpr std::size_t kChecked = 10;  // users whose answers are held against plain arithmetic
constexpr std::size_t kRecallOf = 100;
constexpr std::size_t kRecallQueries = 100;  // by which recall is measured
constexpr std::array<std::string_view, 8> kStages = {"user",    "collaborative", "similar", "fresh",
                                                     "popular", "rank",          "blend",   "explain"};

// What the feed knows of a user, as the model sees it.
struct Known {
  History history;
  std::vector<std::uint32_t> seen;  // catalogue rows, ascending
};

Known known_of(const SyntheticHome& home, const UserId& user) {
  Known known;
  for (const auto& touched : home.live.user(user)->touched) {
    const auto item = *home.view->find(touched.item);
    known.seen.push_back(item);
    if (touched.preference <= 0) continue;
    known.history.items.push_back(*home.view->to_snapshot(item));
    known.history.weights.push_back(static_cast<float>(touched.preference));
  }
  std::ranges::sort(known.seen);
  return known;
}

// Nothing twice, nothing the user knows, a reason each, every source there, and the collaborative candidates are the
// best of all items by the model's own scores: exactly where the index is exact, nearly where it is not.
Result<void> check(const SyntheticHome& home, const UserId& user, const Slate& slate, std::size_t count) {
  const auto wrong = [&](std::string_view what) {
    return internal(fmt::format("the answer for {} is wrong: {}", user.value, what));
  };
  if (slate.items.size() != count || !slate.degraded.empty()) return wrong("items are missing");
  const auto known = known_of(home, user);
  const auto& model = *home.view->snapshot()->model("ials");
  std::vector<float> scores(model.items());
  model.score(known.history, scores);
  std::vector<std::uint32_t> best;
  top_k(scores, known.seen, (home.view->tastes()->kind() == "scan" ? 2 : 4) * count, best);

  std::unordered_set<std::uint32_t> taken(known.seen.begin(), known.seen.end());
  std::array<bool, kSourceKinds> sources{};
  for (const auto& item : slate.items) {
    const auto row = *home.view->find(item.item);
    if (!taken.insert(row).second) return wrong(item.item.value + " is there twice, or was seen");
    if (item.reason.empty()) return wrong(item.item.value + " has no reason");
    sources[static_cast<std::size_t>(item.source)] = true;
    if (item.source != SourceKind::kCollaborative) continue;
    if (item.because.empty()) return wrong(item.item.value + " names nothing that was liked");
    if (std::ranges::find(best, row) == best.end())
      return wrong(item.item.value + " is not among the best by the model's scores");
  }
  if (count >= 20 && std::ranges::find(sources, false) != sources.end()) return wrong("a source has nothing");
  return {};
}

// recall@100 against float32 over every row.
double recall_of(const VectorIndex& index, const std::vector<std::vector<float>>& vectors) {
  std::vector<std::vector<Near>> found;
  std::vector<std::vector<Near>> exact;
  std::vector<std::uint32_t> all(index.rows().size());
  for (std::uint32_t row = 0; row < all.size(); ++row) all[row] = row;
  for (const auto& vector : vectors) {
    found.push_back(index.search(Query{vector}, kRecallOf));
    exact.push_back(best_of(index.rows(), vector, all, kRecallOf));
  }
  return recall(found, exact);
}

Json indexes_of(const SyntheticHome& home) {
  std::vector<std::vector<float>> users;
  std::vector<std::vector<float>> items;
  Random random(7);
  for (std::size_t u = 0; u < std::min(kRecallQueries, home.users.size()); ++u) {
    users.push_back(home.view->snapshot()->model("ials")->query(known_of(home, home.users[u]).history));
    const auto row = home.view->content().row(random.below(static_cast<std::uint32_t>(home.view->items().size())));
    items.emplace_back(row.begin(), row.end());
  }
  const auto of = [](const VectorIndex& index, const auto& vectors) {
    return Json::object({{"kind", index.kind()}, {"recall@100", recall_of(index, vectors)}});
  };
  return Json::object(
      {{"tastes", of(*home.view->tastes(), users)}, {"content", of(home.view->content().index(), items)}});
}

struct Timing {
  const SyntheticHome& home;
  Recommender recommender;
  std::size_t count;
  std::size_t requests;

  [[nodiscard]] Result<Slate> ask(const UserId& user) const {
    return recommender.recommend({user, count, {}, Language::kEnglish});
  }
  [[nodiscard]] const UserId& user_of(std::size_t request) const {
    return home.users[kChecked + request % (home.users.size() - kChecked)];
  }

  [[nodiscard]] Result<Json> one_by_one() const {
    const auto stage_of = [](std::string_view name) -> Histogram& {
      return histogram("zhiyin_stage_seconds", "", {{"stage", std::string(name)}});
    };
    std::array<double, kStages.size()> before{};
    for (std::size_t s = 0; s < kStages.size(); ++s) before[s] = stage_of(kStages[s]).sum();
    std::vector<double> micros(requests);
    std::vector<double> cpu_micros(requests);
    for (std::size_t r = 0; r < requests; ++r) {
      const auto cpu = thread_cpu_seconds();
      const Stopwatch watch;
      ZY_CHECK_OK(ask(user_of(r)));
      micros[r] = 1e6 * watch.seconds();
      cpu_micros[r] = 1e6 * (thread_cpu_seconds() - cpu);
    }
    auto stages = Json::object();
    for (std::size_t s = 0; s < kStages.size(); ++s) {
      stages.set(std::string(kStages[s]),
                 1e6 * (stage_of(kStages[s]).sum() - before[s]) / static_cast<double>(requests));
    }
    return Json::object({{"p50_us", percentile(micros, 0.5)},
                         {"p99_us", percentile(micros, 0.99)},
                         {"cpu_p50_us", percentile(cpu_micros, 0.5)},
                         {"cpu_p99_us", percentile(cpu_micros, 0.99)},
                         {"stage_mean_us", std::move(stages)}});
  }

  [[nodiscard]] Result<double> requests_per_second(int threads) const {
    std::atomic<bool> failed{false};
    const Stopwatch watch;
    parallel_for(requests, 8, threads, [&](std::size_t begin, std::size_t end, int) {
      for (auto r = begin; r < end; ++r) {
        if (!ask(user_of(r)).ok()) failed = true;
      }
    });
    if (failed) return internal("a request failed while several were under way");
    return static_cast<double>(requests) / watch.seconds();
  }
};

// A factorisation machine as a home's own would be, but that it learned what chance said: the clock does not mind.
Result<std::shared_ptr<const CandidateRanker>> a_ranker(const SyntheticHome& home, const Recommender& recommender,
                                                        std::size_t count) {
  Random random(8);
  NumericRows rows{.columns = kRankColumns.size()};
  for (const auto& user : std::span(home.users).first(std::min<std::size_t>(100, home.users.size()))) {
    ZY_TRY(const auto seen, recommender.ranking_rows({user, count}));
    rows.values.insert(rows.values.end(), seen.values.begin(), seen.values.end());
  }
  while (rows.labels.size() < rows.rows()) rows.labels.push_back(random.uniform() < 0.1F ? 1.0F : 0.0F);
  ZY_TRY(auto ranker,
         NumericRanker::fit("fm", {{"epochs", 2}}, {kRankColumns.begin(), kRankColumns.end()}, rows, rows, {}));
  return candidate_ranker(std::make_shared<NumericRanker>(std::move(ranker)));
}

Result<Json> run(const BenchParams& params) {
  const auto count = params.number("count");
  const auto requests = params.number("requests");
  const Stopwatch building;
  ZY_TRY(const auto home, make_synthetic_home({.items = params.number("items"),
                                               .dim = params.number("dim"),
                                               .users = std::min(requests, kMostUsers) + kChecked,
                                               .history = params.number("history"),
                                               .fresh_percent = params.number("fresh"),
                                               .neighbours = params.number("neighbours")}));
  const auto build_s = building.seconds();
  const auto view = [&] { return home->view; };
  Timing kept{*home, {view, home->live, Recommender::default_sources(home->live), {}}, count, requests};
  auto anew = Recommender::default_sources(home->live);
  *std::ranges::find(anew, SourceKind::kSimilar, [](const auto& source) { return source->kind(); }) =
      make_similar_source(false);
  const Timing nothing{*home, {view, home->live, std::move(anew), {}}, count, requests};
  for (std::size_t u = 0; u < kChecked; ++u) {
    ZY_TRY(const auto slate, kept.ask(home->users[u]));
    ZY_CHECK_OK(check(*home, home->users[u], slate, count));
    ZY_TRY(const auto again, nothing.ask(home->users[u]));
    ZY_CHECK_OK(check(*home, home->users[u], again, count));
  }
  ZY_TRY(auto from_nothing, nothing.one_by_one());
  const Stopwatch finding;
  prepare_similar(*home->view, 1e9);
  const auto ahead_s = finding.seconds();
  ZY_TRY(auto results, kept.one_by_one());
  ZY_TRY(const auto qps, kept.requests_per_second(params.threads()));
  results.set("qps", qps);
  ZY_TRY(auto ranker, a_ranker(*home, kept.recommender, count));
  kept.recommender.set_ranker(std::move(ranker));
  ZY_TRY(auto ranked, kept.one_by_one());
  results.set("ranked", std::move(ranked));
  results.set("from_nothing", std::move(from_nothing));
  results.set("index", indexes_of(*home));
  results.set("build_s", build_s);
  results.set("found_ahead_s", ahead_s);
  return results;
}

}  // namespace

Bench feed_bench() {
  return {"feed", "one request in-process, all sources and reasons on, over a synthetic home", kFlags, run};
}

}  // namespace zhiyin
