#include "state/index/choose.h"

#include <algorithm>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "state/index/cluster_index.h"
#include "state/index/scan_index.h"

namespace zhiyin {
namespace {

constexpr double kMargin = 0.004;  // of recall: what the samples were set by holds a little less for other queries

struct Measured {
  std::vector<std::vector<Near>> found;
  double seconds = 0;
};

// As requests come: one after the other, each with `together` queries.
Measured measure(const VectorIndex& index, std::span<const Query> queries, const ChooseOptions& options) {
  Measured measured;
  const Stopwatch watch;
  for (std::size_t begin = 0; begin < queries.size(); begin += options.together) {
    const auto asked = queries.subspan(begin, std::min(options.together, queries.size() - begin));
    for (auto& found : index.search(asked, options.k)) measured.found.push_back(std::move(found));
  }
  measured.seconds = watch.seconds();
  return measured;
}

}  // namespace

std::unique_ptr<const VectorIndex> choose_index(VectorRows rows, const SampleQuery& sample,
                                                const ChooseOptions& options) {
  auto scan = std::make_unique<ScanIndex>(rows, options.threads);
  if (rows.size() < std::max<std::size_t>(options.approximate_from, 1)) return scan;
  const Stopwatch watch;
  auto clusters =
      std::make_unique<ClusterIndex>(rows, ClusterOptions{.seed = options.seed, .threads = options.threads});
  Random random(options.seed);
  std::vector<std::vector<float>> vectors;
  for (std::size_t s = 0; s < options.samples; ++s)
    vectors.push_back(sample(random.below(static_cast<std::uint32_t>(rows.size())), *scan));
  std::vector<Query> queries;
  for (const auto& vector : vectors) queries.push_back({vector});
  clusters->tune(queries, options.k, options.recall_goal + kMargin);
  const auto exact = measure(*scan, queries, options);
  const auto approximate = measure(*clusters, queries, options);
  const auto held = recall(approximate.found, exact.found);
  const bool pays = held >= options.recall_goal && approximate.seconds < exact.seconds;
  const auto micros = [&](const Measured& measured) {
    return 1e6 * measured.seconds / static_cast<double>(std::max<std::size_t>(1, queries.size()));
  };
  log_info(
      "index of {} rows: {} of {} clusters hold recall@{} {:.3f} in {:.0f} us, the scan takes {:.0f} us: {}; {:.1f} s",
      rows.size(), clusters->probes(), clusters->clusters(), options.k, held, micros(approximate), micros(exact),
      pays ? "clusters serve" : "the scan serves", watch.seconds());
  if (pays) return clusters;
  return scan;
}

}  // namespace zhiyin
