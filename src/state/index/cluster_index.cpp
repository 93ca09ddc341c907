#include "state/index/cluster_index.h"

#include <algorithm>

#include "base/threads.h"

namespace zhiyin {
namespace {

constexpr std::size_t kMany = 128;  // and 4 k: so many are left before a threshold is raised again

}  // namespace

double recall(std::span<const std::vector<Near>> found, std::span<const std::vector<Near>> exact) {
  std::size_t wanted = 0;
  std::size_t held = 0;
  for (std::size_t q = 0; q < exact.size(); ++q) {
    wanted += exact[q].size();
    for (const auto& near : exact[q])
      held += static_cast<std::size_t>(std::ranges::find(found[q], near.row, &Near::row) != found[q].end());
  }
  return wanted == 0 ? 1 : static_cast<double>(held) / static_cast<double>(wanted);
}

ClusterIndex::ClusterIndex(VectorRows rows, const ClusterOptions& options) : rows_(std::move(rows)), centres_({}) {
  constexpr auto kBlock = Int8Rows::kBlock;
  auto clusters = cluster_rows(rows_, options);
  const auto count = clusters.count(rows_.dim());
  std::vector<std::size_t> sizes(count, 0);
  for (const auto cluster : clusters.cluster_of) {
    if (cluster != VectorRows::kNowhere) ++sizes[cluster];
  }
  first_block_.assign(1, 0);
  for (const auto size : sizes) first_block_.push_back(first_block_.back() + (size + kBlock - 1) / kBlock);
  row_of_.assign(first_block_.back() * kBlock, VectorRows::kNowhere);
  std::vector<std::size_t> next;
  for (const auto block : first_block_) next.push_back(block * kBlock);
  for (std::uint32_t row = 0; row < rows_.size(); ++row) {
    if (const auto cluster = clusters.cluster_of[row]; cluster != VectorRows::kNowhere) row_of_[next[cluster]++] = row;
  }
  levels_ = Int8Rows(row_of_.size(), rows_.dim());
  parallel_for(row_of_.size(), 256 * kBlock, options.threads, [&](std::size_t begin, std::size_t end, int) {
    for (auto place = begin; place < end; ++place) {
      if (row_of_[place] != VectorRows::kNowhere) levels_.put(place, rows_.row(row_of_[place]));
    }
  });
  levels_.finish();
  centres_ = ScanIndex(VectorRows(std::move(clusters.centres), rows_.dim()));
  probes_ = count;
}

std::size_t ClusterIndex::bytes() const {
  return levels_.bytes() + row_of_.size() * sizeof(std::uint32_t) + centres_.bytes() +
         centres_.rows().size() * rows_.dim() * sizeof(float);
}

double ClusterIndex::tune(std::span<const Query> samples, std::size_t k, double recall_goal) {
  const auto exact = search(samples, k, clusters());
  for (probes_ = 1; probes_ < clusters(); probes_ = std::min(clusters(), probes_ + (probes_ + 1) / 2)) {
    const auto measured = recall(search(samples, k, probes_), exact);
    if (measured >= recall_goal) return measured;
  }
  return 1;
}

std::vector<std::vector<Near>> ClusterIndex::search(std::span<const Query> queries, std::size_t k,
                                                    std::size_t probes) const {
  std::vector<std::vector<Near>> results(queries.size());
  std::vector<Query> plain;
  for (const auto& query : queries) plain.push_back({query.vector});
  const auto centres = centres_.search(plain, probes);
  for (std::size_t q = 0; q < queries.size() && k > 0; ++q) {
    const auto& query = queries[q];
    if (!has_direction(query.vector)) continue;
    if (allows_few(query, rows_.size())) {
      results[q] = walk(rows_, query, k);
      continue;
    }
    results[q] = look(query, k, centres[q]);
    for (auto more = 4 * probes; results[q].size() < k && more / 4 < clusters(); more *= 4)
      results[q] = look(query, k, centres_.search(plain[q], std::min(more, clusters())));
  }
  return results;
}

std::vector<Near> ClusterIndex::look(const Query& query, std::size_t k, std::span<const Near> centres) const {
  Int8Scan scan(levels_, query.vector);
  auto& found = scan.found(0);
  for (const auto& centre : centres) {
    const auto before = found.count;
    scan.scan(first_block_[centre.row], first_block_[centre.row + 1]);
    if (query.allowed != nullptr) {
      auto kept = before;
      for (auto i = before; i < found.count; ++i) {
        found.rows[kept] = found.rows[i];
        found.lower[kept] = found.lower[i];
        found.upper[kept] = found.upper[i];
        kept += static_cast<std::size_t>((*query.allowed)[row_of_[found.rows[i]]]);
      }
      found.count = kept;
    }
    if (found.count > 4 * k + kMany) scan.tighten(0, k);
  }
  scan.tighten(0, k);
  std::vector<std::uint32_t> rows(found.count);
  for (std::size_t i = 0; i < found.count; ++i) rows[i] = row_of_[found.rows[i]];
  return best_of(rows_, query.vector, rows, k);
}

}  // namespace zhiyin
