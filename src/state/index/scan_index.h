// The exact index: every row is looked at in eight bits (base/kernels/int8_scan.h), and those whose bounds do not rule
// them out once more in float32. The answer is that of float32 over everything; only the time is another.
//
// A query that allows few rows walks those alone, in float32.
#pragma once

#include "base/kernels/int8_scan.h"
#include "state/index/index.h"

namespace zhiyin {

class ScanIndex final : public VectorIndex {
 public:
  explicit ScanIndex(VectorRows rows, int threads = 1, ScanPath path = scan_paths().back());

  [[nodiscard]] std::string_view kind() const override { return "scan"; }
  [[nodiscard]] const VectorRows& rows() const override { return rows_; }
  [[nodiscard]] std::size_t bytes() const override { return levels_.bytes(); }
  using VectorIndex::search;
  [[nodiscard]] std::vector<std::vector<Near>> search(std::span<const Query> queries, std::size_t k) const override;

 private:
  void scan(std::span<const Query* const> queries, std::size_t k, std::span<std::vector<Near>* const> results) const;

  VectorRows rows_;
  Int8Rows levels_;
  ScanPath path_;
};

bool has_direction(std::span<const float> query);

// Whether so few rows are allowed that walk() is cheaper than to scan a table of `size` rows.
bool allows_few(const Query& query, std::size_t size);
// The k best of the allowed rows.
std::vector<Near> walk(const VectorRows& table, const Query& query, std::size_t k);

// The k best of `rows` for a query, by float32.
std::vector<Near> best_of(const VectorRows& table, std::span<const float> query, std::span<const std::uint32_t> rows,
                          std::size_t k);

}  // namespace zhiyin
