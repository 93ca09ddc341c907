// One request to the feed: all sources, all reasons, nothing remembered from one request to the next.
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
#include "base/threads.h"
#include "feed/recommend/recommend.h"

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
constexpr std::size_t kChecked = 10;  // users whose answers are held against plain arithmetic
constexpr std::array<std::string_view, 7> kStages = {"user",    "collaborative", "similar", "fresh",
                                                     "popular", "blend",         "explain"};

// Nothing twice, nothing the user knows, a reason each, every source there, and the collaborative candidates are the
// best of all items by the model's own scores.
Result<void> check(const SyntheticHome& home, const UserId& user, const Slate& slate, std::size_t count) {
  const auto wrong = [&](std::string_view what) {
    return internal(fmt::format("the answer for {} is wrong: {}", user.value, what));
  };
  if (slate.items.size() != count || !slate.degraded.empty()) return wrong("items are missing");
  std::unordered_set<std::string> known;
  History history;
  const auto state = home.live.user(user);
  for (const auto& touched : state->touched) {
    known.insert(touched.item.value);
    if (touched.preference <= 0) continue;
    history.items.push_back(*home.view->to_snapshot(*home.view->find(touched.item)));
    history.weights.push_back(static_cast<float>(touched.preference));
  }
  std::vector<std::uint32_t> seen;
  for (const auto& touched : state->touched) seen.push_back(*home.view->find(touched.item));
  std::ranges::sort(seen);
  const auto& model = *home.view->snapshot()->model("ials");
  std::vector<float> scores(model.items());
  model.score(history, scores);
  std::vector<std::uint32_t> best;
  top_k(scores, seen, 2 * count, best);

  std::array<bool, kSourceKinds> sources{};
  for (const auto& item : slate.items) {
    if (!known.insert(item.item.value).second) return wrong(item.item.value + " is there twice, or was seen");
    if (item.reason.empty()) return wrong(item.item.value + " has no reason");
    sources[static_cast<std::size_t>(item.source)] = true;
    if (item.source != SourceKind::kCollaborative) continue;
    if (item.because.empty()) return wrong(item.item.value + " names nothing that was liked");
    if (std::ranges::find(best, *home.view->find(item.item)) == best.end())
      return wrong(item.item.value + " is not among the best by the model's scores");
  }
  if (count >= 20 && std::ranges::find(sources, false) != sources.end()) return wrong("a source has nothing");
  return {};
}

Result<Json> run(const BenchParams& params) {
  const auto count = params.number("count");
  const Stopwatch building;
  ZY_TRY(const auto home, make_synthetic_home({.items = params.number("items"),
                                               .dim = params.number("dim"),
                                               .history = params.number("history"),
                                               .fresh_percent = params.number("fresh"),
                                               .neighbours = params.number("neighbours")}));
  const auto build_s = building.seconds();
  const Recommender recommender([&] { return home->view; }, home->live, Recommender::default_sources(home->live), {});
  const auto ask = [&](std::size_t request) {
    return recommender.recommend({home->users[request % home->users.size()], count, {}, Language::kEnglish});
  };
  for (std::size_t u = 0; u < std::min(kChecked, home->users.size()); ++u) {
    ZY_TRY(const auto slate, ask(u));
    ZY_CHECK_OK(check(*home, home->users[u], slate, count));
  }

  const auto stage_of = [](std::string_view name) -> Histogram& {
    return histogram("zhiyin_stage_seconds", "", {{"stage", std::string(name)}});
  };
  std::array<double, kStages.size()> before{};
  for (std::size_t s = 0; s < kStages.size(); ++s) before[s] = stage_of(kStages[s]).sum();
  const auto requests = params.number("requests");
  std::vector<double> micros(requests);
  for (std::size_t r = 0; r < requests; ++r) {
    const Stopwatch watch;
    ZY_CHECK_OK(ask(r));
    micros[r] = 1e6 * watch.seconds();
  }
  auto stages = Json::object();
  for (std::size_t s = 0; s < kStages.size(); ++s) {
    stages.set(std::string(kStages[s]), 1e6 * (stage_of(kStages[s]).sum() - before[s]) / static_cast<double>(requests));
  }

  std::atomic<bool> failed{false};
  const Stopwatch watch;
  parallel_for(requests, 8, params.threads(), [&](std::size_t begin, std::size_t end, int) {
    for (auto r = begin; r < end; ++r) {
      if (!ask(r).ok()) failed = true;
    }
  });
  const auto seconds = watch.seconds();
  if (failed) return internal("a request failed while several were under way");
  return Json::object({{"p50_us", percentile(micros, 0.5)},
                       {"p99_us", percentile(micros, 0.99)},
                       {"qps", static_cast<double>(requests) / seconds},
                       {"stage_mean_us", std::move(stages)},
                       {"build_s", build_s}});
}

}  // namespace

Bench feed_bench() {
  return {"feed", "one request in-process, exact, all sources and reasons on, over a synthetic home", kFlags, run};
}

}  // namespace zhiyin
