// Inner products of many rows with a few queries, in eight bits, with bounds that say how far they may be off: what the
// exact scan of state/index is made of.
//
//   x_r = s_r l_r + rounding,  l_r whole numbers in [-127, 127], s_r = max |x_r| / 127     (queries the same way)
//   |x_r . q - s_r s_q l_r . l_q| <= s_r slack,  slack = A |q| + B |q - s_q l_q|
//   A = max_r |x_r - s_r l_r| / s_r,  B = max_r |l_r|
//
// So a row whose upper bound stays below what k rows surely reach cannot be among the best k: whoever takes the rest and
// computes them in float32 has the exact answer.
//
// Rows lie in blocks of 16, [ceil(dim / 4)][16 rows][4] bytes of level + 128, which is how AVX-512 VNNI multiplies. The
// instruction set is picked when the program runs: AVX-512 VNNI, AVX2, or plain loops. All three compute the same
// integers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "base/bitmap.h"

namespace zhiyin {

enum class ScanPath { kPortable, kAvx2, kVnni };
std::string_view to_string(ScanPath path);

// Those that this processor can run; the fastest is the last.
std::span<const ScanPath> scan_paths();

// Immutable once built; thread-safe.
class Int8Rows {
 public:
  static constexpr std::size_t kBlock = 16;

  Int8Rows() = default;
  Int8Rows(std::size_t size, std::size_t dim);

  // Rows are put one by one; those that are not put, are zeros, or are not finite stand for nothing and are never
  // found. Different rows may be put from different threads, blocks apart, and finish() is called once at the end.
  void put(std::size_t row, std::span<const float> values);
  void finish();

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t dim() const { return dim_; }
  [[nodiscard]] std::size_t groups() const { return groups_; }
  [[nodiscard]] std::size_t blocks() const { return scales_.size() / kBlock; }
  [[nodiscard]] std::size_t bytes() const { return levels_.size() * sizeof(Line) + scales_.size() * sizeof(float); }
  [[nodiscard]] const std::uint8_t* levels() const { return levels_.empty() ? nullptr : levels_.front().bytes.data(); }
  [[nodiscard]] const float* scales() const { return scales_.data(); }  // 0: never found
  [[nodiscard]] float rounding() const { return rounding_; }            // A
  [[nodiscard]] float length() const { return length_; }                // B

 private:
  struct alignas(64) Line {
    std::array<std::uint8_t, 64> bytes;  // four columns of 16 rows
  };
  std::size_t size_ = 0;
  std::size_t dim_ = 0;
  std::size_t groups_ = 0;
  std::vector<Line> levels_;
  std::vector<float> scales_;
  std::vector<float> roundings_;  // by row, until finish()
  std::vector<float> lengths_;    // by row, until finish()
  float rounding_ = 0;
  float length_ = 0;
};

// Some queries on their way through the rows. What each has found so far is kept with its bounds.
class Int8Scan {
 public:
  static constexpr std::size_t kWidest = 13;  // queries side by side

  struct Found {
    const Bitmap* allowed = nullptr;  // null: all rows
    float threshold = -std::numeric_limits<float>::infinity();
    float scale = 0;
    float slack = 0;
    std::size_t count = 0;
    std::vector<std::uint32_t> rows;  // the first `count` of each hold
    std::vector<float> lower;
    std::vector<float> upper;
  };

  // queries: count x dim. `rows` must outlive it.
  Int8Scan(const Int8Rows& rows, std::span<const float> queries, ScanPath path = scan_paths().back());

  [[nodiscard]] std::size_t size() const { return found_.size(); }
  [[nodiscard]] Found& found(std::size_t query) { return found_[query]; }

  // Adds, for each query, the allowed rows of blocks [begin, end) whose upper bound reaches its threshold.
  void scan(std::size_t begin, std::size_t end);

  // Raises a query's threshold to about what `k` of its rows surely reach, and drops the rows that cannot reach it.
  void tighten(std::size_t query, std::size_t k);

 private:
  // Queries that go through the rows side by side.
  struct Tile {
    std::size_t first = 0;
    std::size_t width = 0;                       // 1, 2, 4, 8 or 12
    std::vector<std::int32_t> levels;            // [group][width], four levels each
    std::array<std::int32_t, kWidest> offset{};  // -128 times the sum of the levels
  };

  const Int8Rows& rows_;
  ScanPath path_;
  std::vector<Found> found_;
  std::vector<Tile> tiles_;
};

}  // namespace zhiyin
