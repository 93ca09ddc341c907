// Where an approximate index begins to pay: the same queries to every index, one at a time on one thread, with what
// each costs to build and to hold, and how much of the exact answer it gives.
#include <algorithm>
#include <array>
#include <cmath>

#include "app/bench/bench.h"
#include "app/bench/synthetic_rows.h"
#include "base/clock.h"
#include "base/kernels/vectors.h"
#include "base/log.h"
#include "base/measure/top_k.h"
#include "base/text.h"
#include "state/index/cluster_index.h"
#include "state/index/faiss/faiss_index.h"
#include "state/index/scan_index.h"

namespace zhiyin {
namespace {

constexpr std::array kFlags = {
    BenchFlag{"items", "rows", "100000", 1000, 10'000'000},
    BenchFlag{"dim", "of the rows", "64", 2, 1024},
    BenchFlag{"rows", "factors (lengths that differ, queries are users) or content (unit length, queries are rows)",
              "factors"},
    BenchFlag{"k", "neighbours asked for", "100", 1, 1000},
    BenchFlag{"queries", "that are timed, and as many to tune by", "200", 10, 100'000},
    BenchFlag{"indexes", "which, separated by commas; all: every one", "all"},
};
constexpr double kRecallGoal = 0.98;
constexpr std::size_t kHistory = 30;  // rows that make a user

// What is asked, and the exact answers to it in float32.
struct Questions {
  std::vector<std::vector<float>> vectors;
  std::vector<Query> queries;
  std::vector<std::vector<Near>> exact;
  std::vector<double> micros;
};

Questions ask(const VectorRows& rows, std::span<const std::uint32_t> cluster_of, std::size_t clusters, bool factors,
              std::size_t count, std::size_t k, Random& random) {
  Questions questions;
  const auto size = static_cast<std::uint32_t>(rows.size());
  for (std::size_t q = 0; q < count; ++q) {
    auto at = random.below(size);
    std::vector<float> vector(rows.row(at).begin(), rows.row(at).end());
    const std::array<std::size_t, 3> tastes = {random.below(static_cast<std::uint32_t>(clusters)),
                                               random.below(static_cast<std::uint32_t>(clusters)), cluster_of[at]};
    for (std::size_t liked = 1; factors && liked < kHistory;) {
      at = random.below(size);
      if (std::ranges::find(tastes, cluster_of[at]) == tastes.end() && random.below(50) != 0) continue;
      axpy(1, rows.row(at).data(), vector.data(), vector.size());
      ++liked;
    }
    questions.vectors.push_back(std::move(vector));
  }
  std::vector<float> scores(rows.size());
  std::vector<std::uint32_t> best;
  for (const auto& vector : questions.vectors) {
    questions.queries.push_back({vector});
    const Stopwatch watch;
    row_dots(rows.row(0).data(), rows.size(), rows.dim(), vector.data(), scores.data());
    top_k(scores, {}, k, best);
    questions.micros.push_back(1e6 * watch.seconds());
    auto& answer = questions.exact.emplace_back();
    for (const auto row : best) answer.push_back({row, scores[row]});
  }
  return questions;
}

constexpr double kMiB = 1 << 20;

Json measured(const VectorIndex& index, const Questions& questions, std::size_t k, double build_s) {
  std::vector<std::vector<Near>> found;
  std::vector<double> micros;
  for (const auto& query : questions.queries) {
    const Stopwatch watch;
    found.push_back(index.search(query, k));
    micros.push_back(1e6 * watch.seconds());
  }
  // The same all at once.
  const Stopwatch together;
  static_cast<void>(index.search(questions.queries, k));
  const auto batch_us = 1e6 * together.seconds() / static_cast<double>(questions.queries.size());
  return Json::object({{"build_s", build_s},
                       {"p50_us", percentile(micros, 0.5)},
                       {"p99_us", percentile(micros, 0.99)},
                       {"batch_us", batch_us},
                       {"recall", recall(found, questions.exact)},
                       {"mib", static_cast<double>(index.bytes()) / kMiB}});
}

Result<Json> run(const BenchParams& params) {
  const auto count = params.number("items");
  const auto dim = params.number("dim");
  const auto k = params.number("k");
  const auto clusters = synthetic_clusters(count);
  if (params.text("rows") != "factors" && params.text("rows") != "content")
    return invalid("--rows is factors or content");
  const bool factors = params.text("rows") == "factors";
  std::vector<std::string> wanted;
  for (const auto name : split(params.text("indexes"), ',')) wanted.emplace_back(name);
  const auto is_wanted = [&](std::string_view name) {
    return wanted.front() == "all" || std::ranges::find(wanted, name) != wanted.end();
  };

  Random random(42);
  std::vector<std::uint32_t> cluster_of(count);
  for (auto& cluster : cluster_of) cluster = random.below(static_cast<std::uint32_t>(clusters));
  const auto rows = factors ? VectorRows(synthetic_factors(cluster_of, clusters, dim, random), dim)
                            : unit_rows(synthetic_content(cluster_of, clusters, dim, random), dim);
  const auto samples = ask(rows, cluster_of, clusters, factors, params.number("queries"), k, random);
  auto questions = ask(rows, cluster_of, clusters, factors, params.number("queries"), k, random);

  auto results = Json::object();
  results.set("float", Json::object({{"build_s", 0.0},
                                     {"p50_us", percentile(questions.micros, 0.5)},
                                     {"p99_us", percentile(questions.micros, 0.99)},
                                     {"recall", 1.0},
                                     {"mib", 0.0}}));
  for (const auto path : scan_paths()) {
    const auto name = path == scan_paths().back() ? std::string("scan") : "scan-" + std::string(to_string(path));
    if (!is_wanted(name)) continue;
    const Stopwatch building;
    const ScanIndex index(rows, params.threads(), path);
    auto result = measured(index, questions, k, building.seconds());
    if (result["recall"].as_number() < 1 - 1e-4)
      return internal(name + " is not exact: its recall is " + std::to_string(result["recall"].as_number()));
    result.set("instructions", to_string(path));
    results.set(name, std::move(result));
  }
  if (is_wanted("clusters")) {
    const Stopwatch building;
    ClusterIndex index(rows, {.threads = params.threads()});
    const auto build_s = building.seconds();
    index.tune(samples.queries, k, kRecallGoal);
    auto result = measured(index, questions, k, build_s);
    result.set("looks_at", index.probes());
    result.set("of", index.clusters());
    results.set("clusters", std::move(result));
  }
  for (const auto kind : {FaissKind::kIvf, FaissKind::kIvfPq, FaissKind::kHnsw}) {
    constexpr std::array<std::string_view, 3> kNames = {"faiss-ivf", "faiss-ivf-pq", "faiss-hnsw"};
    const auto name = kNames[static_cast<std::size_t>(kind)];
    if (!is_wanted(name)) continue;
    log_info("bench index: {}", name);
    const Stopwatch building;
    ZY_TRY(const auto index, FaissIndex::build(rows, kind, params.threads()));
    const auto build_s = building.seconds();
    index->tune(samples.queries, samples.exact, k, kRecallGoal);
    auto result = measured(*index, questions, k, build_s);
    result.set("looks_at", index->effort());
    results.set(std::string(name), std::move(result));
  }
  return results;
}

}  // namespace

Bench index_bench() {
  return {"index", "exact and approximate indexes: build time, time of a query, recall, memory", kFlags, run};
}

}  // namespace zhiyin
