// What faiss (Douze et al. 2024; Debian's 1.7.3) makes of the same rows, behind the same interface.
//
//   faiss-ivf      inverted lists of float32 rows
//   faiss-ivf-pq   inverted lists of product-quantised rows, four times as many asked for as are wanted
//   faiss-hnsw     a navigable graph (Malkov, Yashunin 2018)
//
// All rank by inner product and are looked at once more in float32. Filters are laid over what comes back: twice as many
// are asked for until enough are allowed.
#pragma once

#include <memory>

#include "base/result.h"
#include "state/index/index.h"

namespace zhiyin {

enum class FaissKind { kIvf, kIvfPq, kHnsw };

class FaissIndex final : public VectorIndex {
 public:
  // kInvalid: faiss refuses the rows (too few to learn from), in its words. Uses `threads` threads.
  static Result<std::unique_ptr<FaissIndex>> build(VectorRows rows, FaissKind kind, int threads);
  ~FaissIndex() override;

  // How much of the index a query looks at: lists, or nodes of the graph. The fewest that hold the goal of recall@k on
  // the samples are set; call it before the index is shared. Returns the recall of the most that it tried where none
  // does.
  double tune(std::span<const Query> samples, std::span<const std::vector<Near>> exact, std::size_t k,
              double recall_goal);
  [[nodiscard]] std::size_t effort() const { return effort_; }

  [[nodiscard]] std::string_view kind() const override;
  [[nodiscard]] const VectorRows& rows() const override { return rows_; }
  [[nodiscard]] std::size_t bytes() const override;
  using VectorIndex::search;
  [[nodiscard]] std::vector<std::vector<Near>> search(std::span<const Query> queries, std::size_t k) const override;

 private:
  struct Impl;
  FaissIndex(VectorRows rows, FaissKind kind);
  void set_effort(std::size_t effort);

  VectorRows rows_;
  FaissKind kind_;
  std::size_t effort_ = 1;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zhiyin
