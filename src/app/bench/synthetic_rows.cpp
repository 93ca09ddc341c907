#include "app/bench/synthetic_rows.h"

#include <algorithm>
#include <cmath>

#include "base/kernels/vectors.h"

namespace zhiyin {
namespace {

constexpr std::size_t kMostClusters = 250;
constexpr std::size_t kLeastOfCluster = 200;  // items
constexpr std::size_t kRank = 24;             // directions that the centres of factors lie in
constexpr float kFactorNoise = 0.15F;         // share of a factor's length
constexpr float kContentNoise = 1;            // as long as the centre

std::vector<float> normals(std::size_t count, float deviation, Random& random) {
  std::vector<float> values(count);
  for (auto& value : values) value = deviation * random.normal();
  return values;
}

float inverse_root(std::size_t n) { return 1 / std::sqrt(static_cast<float>(n)); }

}  // namespace

std::size_t synthetic_clusters(std::size_t items) {
  return std::clamp<std::size_t>(items / kLeastOfCluster, 1, kMostClusters);
}

std::vector<float> synthetic_factors(std::span<const std::uint32_t> cluster_of, std::size_t clusters, std::size_t dim,
                                     Random& random) {
  const auto basis = normals(kRank * dim, inverse_root(dim), random);
  const auto places = normals(clusters * kRank, inverse_root(kRank), random);
  std::vector<float> centres(clusters * dim, 0);
  for (std::size_t c = 0; c < clusters; ++c) {
    for (std::size_t k = 0; k < kRank; ++k)
      axpy(places[c * kRank + k], basis.data() + k * dim, centres.data() + c * dim, dim);
  }
  auto rows = normals(cluster_of.size() * dim, kFactorNoise * inverse_root(dim), random);
  for (std::size_t i = 0; i < cluster_of.size(); ++i) {
    auto* row = rows.data() + i * dim;
    axpy(1, centres.data() + cluster_of[i] * dim, row, dim);
    const auto length = 0.3F * std::exp(0.5F * random.normal());
    for (std::size_t d = 0; d < dim; ++d) row[d] *= length;
  }
  return rows;
}

std::vector<float> synthetic_content(std::span<const std::uint32_t> cluster_of, std::size_t clusters, std::size_t dim,
                                     Random& random) {
  const auto centres = normals(clusters * dim, 1, random);
  auto rows = normals(cluster_of.size() * dim, kContentNoise, random);
  for (std::size_t i = 0; i < cluster_of.size(); ++i)
    axpy(1, centres.data() + cluster_of[i] * dim, rows.data() + i * dim, dim);
  return rows;
}

}  // namespace zhiyin
