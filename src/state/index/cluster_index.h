// The approximate index: rows lie cluster by cluster (clusters.h), a query looks at the clusters whose centres are
// nearest to it, in eight bits, then once more in float32. How many clusters is set by measuring: the fewest at which
// the answers to sample queries hold the goal of recall against all clusters, which is the exact scan.
//
// A query whose filter leaves too few goes on to further clusters; one that allows few rows walks those alone.
#pragma once

#include "base/kernels/int8_scan.h"
#include "state/index/clusters.h"
#include "state/index/scan_index.h"

namespace zhiyin {

class ClusterIndex final : public VectorIndex {
 public:
  ClusterIndex(VectorRows rows, const ClusterOptions& options);

  // Sets how many clusters are looked at; call it before the index is shared. Returns the recall@k that was measured: 1
  // where all clusters were needed.
  double tune(std::span<const Query> samples, std::size_t k, double recall_goal);
  [[nodiscard]] std::size_t probes() const { return probes_; }
  [[nodiscard]] std::size_t clusters() const { return first_block_.size() - 1; }

  [[nodiscard]] std::string_view kind() const override { return "clusters"; }
  [[nodiscard]] const VectorRows& rows() const override { return rows_; }
  [[nodiscard]] std::size_t bytes() const override;
  using VectorIndex::search;
  [[nodiscard]] std::vector<std::vector<Near>> search(std::span<const Query> queries, std::size_t k) const override {
    return search(queries, k, probes_);
  }

 private:
  [[nodiscard]] std::vector<std::vector<Near>> search(std::span<const Query> queries, std::size_t k,
                                                      std::size_t probes) const;
  [[nodiscard]] std::vector<Near> look(const Query& query, std::size_t k, std::span<const Near> centres) const;

  VectorRows rows_;
  Int8Rows levels_;                       // cluster by cluster, each filled up to whole blocks
  std::vector<std::uint32_t> row_of_;     // of each place in levels_
  std::vector<std::size_t> first_block_;  // of each cluster, and one past the last
  ScanIndex centres_;
  std::size_t probes_ = 1;
};

// The share of `exact` that `found` has too, over all queries.
double recall(std::span<const std::vector<Near>> found, std::span<const std::vector<Near>> exact);

}  // namespace zhiyin
