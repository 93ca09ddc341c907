// An index with some rows replaced or added since it was built: those few are compared in float32, all others by the
// index below, and the answer is that of one table. For what models learn between trainings.
#pragma once

#include <memory>

#include "state/index/index.h"

namespace zhiyin {

// Immutable once built; thread-safe. An overlay costs as much as its rows; it is meant for thousands.
class OverlayIndex final : public VectorIndex {
 public:
  // `rows`: the whole table as it is now; row i is row i of `below` but for those of `changed`, and may lie beyond its
  // last. `below` is shared, so that one base serves overlay after overlay.
  OverlayIndex(std::shared_ptr<const VectorIndex> below, VectorRows rows, std::vector<std::uint32_t> changed);

  [[nodiscard]] std::string_view kind() const override { return "overlay"; }
  [[nodiscard]] const VectorRows& rows() const override { return rows_; }
  [[nodiscard]] std::size_t bytes() const override;
  using VectorIndex::search;
  [[nodiscard]] std::vector<std::vector<Near>> search(std::span<const Query> queries, std::size_t k) const override;

 private:
  std::shared_ptr<const VectorIndex> below_;
  VectorRows rows_;
  std::vector<std::uint32_t> changed_;  // ascending, each once, with a direction
  Bitmap unchanged_;                    // of the rows of below_
};

}  // namespace zhiyin
