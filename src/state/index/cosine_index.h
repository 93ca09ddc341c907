// Neighbours by angle: rows and queries of any length are compared by their directions.
//
// What is near a row of its own is kept once it was found, for the index never changes: the latest favourites of many
// users are the same few items.
#pragma once

#include <atomic>
#include <memory>

#include "state/index/index.h"

namespace zhiyin {

// Immutable once built; thread-safe.
class CosineIndex {
 public:
  // rows: row-major count x dim. Exact.
  CosineIndex(std::vector<float> rows, std::size_t dim, int threads = 1);
  // Over an index whose rows are of unit length. At most `keep` rows' neighbours are kept (each about 8 k bytes), and
  // 8 bytes a row; 0: none.
  explicit CosineIndex(std::unique_ptr<const VectorIndex> index, std::size_t keep = kKeep);
  ~CosineIndex();
  CosineIndex(const CosineIndex&) = delete;
  CosineIndex& operator=(const CosineIndex&) = delete;

  static constexpr std::size_t kKeep = 200'000;

  // The k most similar rows, best first, ties to the lower row; `query` need not be of unit length. A zero query finds
  // nothing, and a row of zeros is never found.
  [[nodiscard]] std::vector<Near> search(std::span<const float> query, std::size_t k) const;

  // The same for several of its own rows at once, which is cheaper, or known already. Each row finds itself.
  [[nodiscard]] std::vector<std::vector<Near>> search_rows(std::span<const std::uint32_t> rows, std::size_t k) const;

  // The same with nothing that is known already, and nothing kept.
  [[nodiscard]] std::vector<std::vector<Near>> search_rows_anew(std::span<const std::uint32_t> rows,
                                                                std::size_t k) const;

  // Finds neighbours that are to be kept ahead of whoever asks, for about so many seconds, going on where the last call
  // stopped. Whether some are left.
  bool find_ahead(std::size_t k, double seconds) const;

  // out[k] = the inner product of row rows[k], of unit length, with `vector`, taken as it is.
  void products(std::span<const std::uint32_t> rows, std::span<const float> vector, std::span<float> out) const;

  [[nodiscard]] std::size_t size() const { return index_->rows().size(); }
  [[nodiscard]] std::size_t dim() const { return index_->rows().dim(); }
  [[nodiscard]] std::span<const float> row(std::size_t i) const { return index_->rows().row(i); }  // unit length
  [[nodiscard]] const VectorIndex& index() const { return *index_; }

 private:
  struct Kept {
    std::size_t k;  // that were asked for
    std::vector<Near> neighbours;
  };
  void keep(std::uint32_t row, std::size_t k, const std::vector<Near>& neighbours) const;

  std::unique_ptr<const VectorIndex> index_;
  std::size_t most_kept_ = 0;
  mutable std::atomic<std::size_t> count_kept_{0};
  mutable std::atomic<std::size_t> found_ahead_{0};     // rows below are done
  mutable std::vector<std::atomic<const Kept*>> kept_;  // by row; owned; empty where none are kept
};

}  // namespace zhiyin
