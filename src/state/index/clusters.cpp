#include "state/index/clusters.h"

#include <algorithm>
#include <cmath>

#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"
#include "base/random.h"
#include "base/threads.h"

namespace zhiyin {
namespace {

constexpr int kRounds = 5;
constexpr std::size_t kSampleEach = 64;  // rows of the sample for each cluster
constexpr std::size_t kTries = 8;        // points among which a first centre is chosen
constexpr std::size_t kOneLevel = 512;   // up to so many clusters: two levels would tear apart what belongs together
constexpr std::size_t kBlock = 256;      // rows that are compared at a time

// Row-major points, copied out of the table so that they stand side by side.
struct Points {
  std::vector<float> values;
  std::size_t dim = 0;

  [[nodiscard]] std::size_t size() const { return values.size() / dim; }
};

Points gathered(const VectorRows& rows, std::span<const std::uint32_t> which) {
  Points points{.values = {}, .dim = rows.dim()};
  points.values.reserve(which.size() * rows.dim());
  for (const auto row : which) points.values.insert(points.values.end(), rows.row(row).begin(), rows.row(row).end());
  return points;
}

// The centre of each point: the one with the largest product, centres being of unit length.
void assign(const float* points, std::size_t count, std::size_t dim, const std::vector<float>& centres,
            std::uint32_t* nearest) {
  const auto k = centres.size() / dim;
  std::vector<float> products(kBlock * k);
  for (std::size_t begin = 0; begin < count; begin += kBlock) {
    const auto size = std::min(kBlock, count - begin);
    gemm(Transpose::kNo, Transpose::kYes, size, k, dim, 1, points + begin * dim, centres.data(), 0, products.data());
    for (std::size_t p = 0; p < size; ++p) {
      const auto* product = products.data() + p * k;
      nearest[begin + p] = static_cast<std::uint32_t>(std::max_element(product, product + k) - product);
    }
  }
}

// Points far from one another: each the one of some points drawn by lot that is least like any that was chosen before.
// Points are in no order.
std::vector<float> first_centres(const Points& points, std::size_t k) {
  const auto dim = points.dim;
  std::vector<float> centres;
  centres.reserve(k * dim);
  std::vector<float> products(k);
  std::size_t next = 0;
  for (std::size_t c = 0; c < k; ++c) {
    std::vector<float> farthest;
    float least = 0;
    for (std::size_t t = 0; t < (c == 0 ? 1 : kTries); ++t, ++next) {
      const auto point = std::span(points.values).subspan(next % points.size() * dim, dim);
      std::vector<float> candidate(point.begin(), point.end());
      make_unit(candidate);
      row_dots(centres.data(), c, dim, candidate.data(), products.data());
      const float most = extremes(std::span(products).first(c)).most;
      if (!farthest.empty() && most >= least) continue;
      least = most;
      farthest = std::move(candidate);
    }
    centres.insert(centres.end(), farthest.begin(), farthest.end());
  }
  return centres;
}

std::vector<float> k_means(const VectorRows& rows, std::span<const std::uint32_t> members, std::size_t k,
                           Random random) {
  const auto dim = rows.dim();
  std::vector<std::uint32_t> sample(members.begin(), members.end());
  random.shuffle(std::span(sample));
  sample.resize(std::min(sample.size(), k * kSampleEach));
  const auto points = gathered(rows, sample);
  auto centres = first_centres(points, k);
  const auto centre = [&](std::size_t c) { return std::span(centres).subspan(c * dim, dim); };
  std::vector<std::uint32_t> nearest(points.size());
  for (int round = 0; round < kRounds; ++round) {
    assign(points.values.data(), points.size(), dim, centres, nearest.data());
    std::vector<std::size_t> counts(k, 0);
    std::vector<float> sums(k * dim, 0);
    for (std::size_t p = 0; p < points.size(); ++p) {
      ++counts[nearest[p]];
      axpy(1, points.values.data() + p * dim, sums.data() + nearest[p] * dim, dim);
    }
    for (std::size_t c = 0; c < k; ++c) {
      // Nobody's centre goes to a point drawn by lot.
      const auto at = counts[c] > 0 ? c : random.below(static_cast<std::uint32_t>(points.size()));
      std::ranges::copy(std::span(counts[c] > 0 ? sums : points.values).subspan(at * dim, dim), centre(c).begin());
      make_unit(centre(c));
    }
  }
  return centres;
}

}  // namespace

Clusters cluster_rows(const VectorRows& rows, const ClusterOptions& options) {
  const auto dim = rows.dim();
  Clusters clusters;
  clusters.cluster_of.assign(rows.size(), VectorRows::kNowhere);
  std::vector<std::uint32_t> members;
  for (std::uint32_t row = 0; row < rows.size(); ++row) {
    if (std::ranges::any_of(rows.row(row), [](float x) { return x != 0; })) members.push_back(row);
  }
  if (members.empty()) return clusters;

  const auto wanted = std::max<std::size_t>(1, members.size() / std::max<std::size_t>(1, options.rows_each));
  const auto broad = wanted <= kOneLevel ? 1 : static_cast<std::size_t>(std::sqrt(static_cast<double>(wanted)));
  const auto broad_centres = k_means(rows, members, broad, Random(options.seed));
  std::vector<std::uint32_t> broad_of(members.size());
  parallel_for(members.size(), 16 * kBlock, options.threads, [&](std::size_t begin, std::size_t end, int) {
    const auto points = gathered(rows, std::span(members).subspan(begin, end - begin));
    assign(points.values.data(), points.size(), dim, broad_centres, broad_of.data() + begin);
  });
  std::vector<std::vector<std::uint32_t>> broad_members(broad);
  for (std::size_t m = 0; m < members.size(); ++m) broad_members[broad_of[m]].push_back(members[m]);

  std::vector<std::vector<float>> centres(broad);
  std::vector<std::vector<std::uint32_t>> nearest(broad);
  parallel_for(broad, 1, options.threads, [&](std::size_t begin, std::size_t, int) {
    const auto& own = broad_members[begin];
    if (own.empty()) return;
    const auto k = std::max<std::size_t>(1, own.size() / options.rows_each);
    centres[begin] = k_means(rows, own, k, Random(options.seed, begin + 1));
    nearest[begin].resize(own.size());
    const auto points = gathered(rows, own);
    assign(points.values.data(), points.size(), dim, centres[begin], nearest[begin].data());
  });
  for (std::size_t b = 0; b < broad; ++b) {
    const auto first = static_cast<std::uint32_t>(clusters.count(dim));
    for (std::size_t m = 0; m < broad_members[b].size(); ++m)
      clusters.cluster_of[broad_members[b][m]] = first + nearest[b][m];
    clusters.centres.insert(clusters.centres.end(), centres[b].begin(), centres[b].end());
  }
  return clusters;
}

}  // namespace zhiyin
