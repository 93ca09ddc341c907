#include "base/kernels/int8_scan.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <utility>
#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // in GCC's own intrinsics: its bug 105593
#endif
#include <immintrin.h>
#endif

namespace zhiyin {
namespace {

constexpr std::size_t kBlock = Int8Rows::kBlock;
constexpr std::size_t kGroup = 4;  // columns that are multiplied together
constexpr std::size_t kWidest = Int8Scan::kWidest;
constexpr float kTop = 127;
constexpr int kOffset = 128;
constexpr float kFloatRounding = 4e-6F;  // of |x| |q|: what float32 arithmetic on either side may be off by

// Levels of a vector and its scale, 0 where it has no direction.
float quantise(std::span<const float> values, std::int8_t* levels) {
  float most = 0;
  bool finite = true;
  for (const float x : values) {
    most = std::max(most, std::abs(x));
    finite = finite && std::isfinite(x);
  }
  const float scale = most / kTop;
  if (!finite || !(scale > 0) || !std::isfinite(1 / scale)) return 0;
  for (std::size_t d = 0; d < values.size(); ++d) {
    const auto level = std::nearbyint(values[d] / scale);
    levels[d] = static_cast<std::int8_t>(std::clamp(level, -kTop, kTop));
  }
  return scale;
}

struct Lengths {
  float rounding = 0;  // |x - s l|
  float levels = 0;    // |l|
};
Lengths lengths_of(std::span<const float> values, const std::int8_t* levels, float scale) {
  double off = 0;
  double squares = 0;
  for (std::size_t d = 0; d < values.size(); ++d) {
    const double rounding = values[d] - double{scale} * levels[d];
    off += rounding * rounding;
    squares += double{static_cast<double>(levels[d])} * levels[d];
  }
  return {static_cast<float>(std::sqrt(off)), static_cast<float>(std::sqrt(squares))};
}

// One tile of queries before some blocks of rows.
struct Pass {
  const std::uint8_t* levels;
  const float* scales;
  std::size_t groups;
  const std::int32_t* query_levels;  // [group][width]
  const std::int32_t* offset;
  Int8Scan::Found* found;
  std::size_t begin;
  std::size_t end;
};

// Which rows of a block a query may find.
inline std::uint32_t allowed_of(const Int8Scan::Found& found, std::size_t block) {
  if (found.allowed == nullptr) return 0xFFFFU;
  return static_cast<std::uint32_t>(found.allowed->words()[block / 4] >> (block % 4 * kBlock)) & 0xFFFFU;
}

inline std::uint32_t rows_there(const float* scales) {
  std::uint32_t there = 0;
  for (std::size_t r = 0; r < kBlock; ++r) there |= static_cast<std::uint32_t>(scales[r] > 0) << r;
  return there;
}

// Notes the rows of `mask`; `upper` has the bounds of all 16.
inline void note(Int8Scan::Found& found, std::uint32_t mask, std::size_t block, const float* upper,
                 const float* scales) {
  for (; mask != 0; mask &= mask - 1) {
    const auto r = static_cast<std::size_t>(std::countr_zero(mask));
    found.rows[found.count] = static_cast<std::uint32_t>(block * kBlock + r);
    found.upper[found.count] = upper[r];
    found.lower[found.count] = upper[r] - 2 * found.slack * scales[r];
    ++found.count;
  }
}

template <std::size_t kWidth>
void scan_portable(const Pass& pass) {
  for (auto block = pass.begin; block < pass.end; ++block) {
    const auto* scales = pass.scales + block * kBlock;
    const auto there = rows_there(scales);
    for (std::size_t q = 0; q < kWidth; ++q) {
      auto& found = pass.found[q];
      auto mask = there & allowed_of(found, block);
      if (mask == 0) continue;
      std::array<std::int32_t, kBlock> sums{};
      const auto* at = pass.levels + block * pass.groups * kBlock * kGroup;
      for (std::size_t g = 0; g < pass.groups; ++g, at += kBlock * kGroup) {
        std::array<std::int8_t, kGroup> levels;
        std::memcpy(levels.data(), pass.query_levels + g * kWidth + q, sizeof levels);
        for (std::size_t r = 0; r < kBlock; ++r) {
          for (std::size_t c = 0; c < kGroup; ++c) sums[r] += at[r * kGroup + c] * levels[c];
        }
      }
      std::array<float, kBlock> upper;
      for (std::size_t r = 0; r < kBlock; ++r)
        upper[r] = scales[r] * (found.scale * static_cast<float>(sums[r] + pass.offset[q]) + found.slack);
      for (std::size_t r = 0; r < kBlock; ++r) mask &= ~(static_cast<std::uint32_t>(upper[r] < found.threshold) << r);
      note(found, mask, block, upper.data(), scales);
    }
  }
}

constexpr int kBisections = 14;

// Of the values in which a threshold is sought.
struct Range {
  float least;
  float most;
};
Range range_portable(const float* values, std::size_t count) {
  Range range{values[0], values[0]};
  for (std::size_t i = 1; i < count; ++i) {
    range.least = values[i] < range.least ? values[i] : range.least;
    range.most = values[i] > range.most ? values[i] : range.most;
  }
  return range;
}

std::size_t count_reaching_portable(const float* values, std::size_t count, float threshold) {
  std::uint32_t reaching = 0;
  for (std::size_t i = 0; i < count; ++i) reaching += static_cast<std::uint32_t>(values[i] >= threshold);
  return reaching;
}

// Keeps what may reach the threshold.
void keep_portable(Int8Scan::Found& found) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < found.count; ++i) {
    found.rows[kept] = found.rows[i];
    found.lower[kept] = found.lower[i];
    found.upper[kept] = found.upper[i];
    kept += static_cast<std::size_t>(found.upper[i] >= found.threshold);
  }
  found.count = kept;
}

#if defined(__x86_64__)

#define ZY_AVX2 __attribute__((target("avx2,fma,popcnt,bmi")))
#define ZY_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,popcnt,bmi")))

// maddubs adds products of unsigned and signed bytes in 16 bits and would overflow with the levels as they are kept: so
// |l| times q with the sign of l, at most 2 127 127.
template <std::size_t kWidth>
ZY_AVX2 void scan_avx2(const Pass& pass) {
  const auto ones = _mm256_set1_epi16(1);
  const auto flip = _mm256_set1_epi8(static_cast<char>(kOffset));
  for (auto block = pass.begin; block < pass.end; ++block) {
    const auto* scales = pass.scales + block * kBlock;
    std::uint32_t wanted = 0;
    for (std::size_t q = 0; q < kWidth; ++q) wanted |= allowed_of(pass.found[q], block);
    if (wanted == 0) continue;
    __m256i low[kWidth];
    __m256i high[kWidth];
    for (std::size_t q = 0; q < kWidth; ++q) low[q] = high[q] = _mm256_setzero_si256();
    const auto* at = pass.levels + block * pass.groups * kBlock * kGroup;
    for (std::size_t g = 0; g < pass.groups; ++g, at += kBlock * kGroup) {
      const auto x = _mm256_xor_si256(_mm256_load_si256(reinterpret_cast<const __m256i*>(at)), flip);
      const auto y = _mm256_xor_si256(_mm256_load_si256(reinterpret_cast<const __m256i*>(at + 32)), flip);
      const auto x_size = _mm256_abs_epi8(x);
      const auto y_size = _mm256_abs_epi8(y);
#pragma GCC unroll 4
      for (std::size_t q = 0; q < kWidth; ++q) {
        const auto levels = _mm256_set1_epi32(pass.query_levels[g * kWidth + q]);
        low[q] = _mm256_add_epi32(low[q],
                                  _mm256_madd_epi16(_mm256_maddubs_epi16(x_size, _mm256_sign_epi8(levels, x)), ones));
        high[q] = _mm256_add_epi32(high[q],
                                   _mm256_madd_epi16(_mm256_maddubs_epi16(y_size, _mm256_sign_epi8(levels, y)), ones));
      }
    }
    const auto low_scales = _mm256_loadu_ps(scales);
    const auto high_scales = _mm256_loadu_ps(scales + 8);
    for (std::size_t q = 0; q < kWidth; ++q) {
      auto& found = pass.found[q];
      const auto scale = _mm256_set1_ps(found.scale);
      const auto slack = _mm256_set1_ps(found.slack);
      const auto threshold = _mm256_set1_ps(found.threshold);
      const auto low_upper = _mm256_mul_ps(low_scales, _mm256_fmadd_ps(scale, _mm256_cvtepi32_ps(low[q]), slack));
      const auto high_upper = _mm256_mul_ps(high_scales, _mm256_fmadd_ps(scale, _mm256_cvtepi32_ps(high[q]), slack));
      const auto below =
          static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(low_upper, threshold, _CMP_LT_OQ)) |
                                     _mm256_movemask_ps(_mm256_cmp_ps(high_upper, threshold, _CMP_LT_OQ)) << 8);
      auto mask = ~below & allowed_of(found, block);
      if (mask == 0) continue;
      mask &= rows_there(scales);
      alignas(32) std::array<float, kBlock> upper;
      _mm256_store_ps(upper.data(), low_upper);
      _mm256_store_ps(upper.data() + 8, high_upper);
      note(found, mask, block, upper.data(), scales);
    }
  }
}

template <std::size_t kWidth>
ZY_VNNI void scan_vnni(const Pass& pass) {
  const auto iota = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (auto block = pass.begin; block < pass.end; ++block) {
    std::uint32_t wanted = 0;
    for (std::size_t q = 0; q < kWidth; ++q) wanted |= allowed_of(pass.found[q], block);
    if (wanted == 0) continue;
    __m512i sums[kWidth];
#pragma GCC unroll 13
    for (std::size_t q = 0; q < kWidth; ++q) sums[q] = _mm512_set1_epi32(pass.offset[q]);
    const auto* at = pass.levels + block * pass.groups * kBlock * kGroup;
    for (std::size_t g = 0; g < pass.groups; ++g, at += kBlock * kGroup) {
      const auto x = _mm512_load_si512(at);
#pragma GCC unroll 13
      for (std::size_t q = 0; q < kWidth; ++q)
        sums[q] = _mm512_dpbusd_epi32(sums[q], x, _mm512_set1_epi32(pass.query_levels[g * kWidth + q]));
    }
    const auto scales = _mm512_loadu_ps(pass.scales + block * kBlock);
    const auto there = _mm512_cmp_ps_mask(scales, _mm512_setzero_ps(), _CMP_GT_OQ);
#pragma GCC unroll 13
    for (std::size_t q = 0; q < kWidth; ++q) {
      auto& found = pass.found[q];
      const auto slack = _mm512_set1_ps(found.slack);
      const auto upper =
          _mm512_mul_ps(scales, _mm512_fmadd_ps(_mm512_set1_ps(found.scale), _mm512_cvtepi32_ps(sums[q]), slack));
      auto mask = _mm512_mask_cmp_ps_mask(there, upper, _mm512_set1_ps(found.threshold), _CMP_GE_OQ);
      if (mask == 0) continue;
      mask = static_cast<__mmask16>(mask & allowed_of(found, block));
      const auto lower = _mm512_fnmadd_ps(_mm512_add_ps(slack, slack), scales, upper);
      const auto rows = _mm512_add_epi32(iota, _mm512_set1_epi32(static_cast<int>(block * kBlock)));
      _mm512_storeu_si512(found.rows.data() + found.count, _mm512_maskz_compress_epi32(mask, rows));
      _mm512_storeu_ps(found.upper.data() + found.count, _mm512_maskz_compress_ps(mask, upper));
      _mm512_storeu_ps(found.lower.data() + found.count, _mm512_maskz_compress_ps(mask, lower));
      found.count += static_cast<std::size_t>(std::popcount(static_cast<std::uint32_t>(mask)));
    }
  }
}

ZY_VNNI Range range_vnni(const float* values, std::size_t count) {
  auto least = _mm512_set1_ps(values[0]);
  auto most = least;
  for (std::size_t i = 0; i < count; i += kBlock) {
    const auto mask = static_cast<__mmask16>(count - i >= kBlock ? 0xFFFFU : (1U << (count - i)) - 1);
    const auto some = _mm512_mask_loadu_ps(_mm512_set1_ps(values[0]), mask, values + i);
    least = _mm512_min_ps(least, some);
    most = _mm512_max_ps(most, some);
  }
  return {_mm512_reduce_min_ps(least), _mm512_reduce_max_ps(most)};
}

ZY_VNNI std::size_t count_reaching_vnni(const float* values, std::size_t count, float threshold) {
  const auto bound = _mm512_set1_ps(threshold);
  std::uint32_t reaching = 0;
  for (std::size_t i = 0; i < count; i += kBlock) {
    const auto mask = static_cast<__mmask16>(count - i >= kBlock ? 0xFFFFU : (1U << (count - i)) - 1);
    reaching += static_cast<std::uint32_t>(
        _mm_popcnt_u32(_mm512_mask_cmp_ps_mask(mask, _mm512_maskz_loadu_ps(mask, values + i), bound, _CMP_GE_OQ)));
  }
  return reaching;
}

// There is room for a block beyond the last that was found.
ZY_VNNI void keep_vnni(Int8Scan::Found& found) {
  const auto bound = _mm512_set1_ps(found.threshold);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < found.count; i += kBlock) {
    const auto there = static_cast<__mmask16>(found.count - i >= kBlock ? 0xFFFFU : (1U << (found.count - i)) - 1);
    const auto upper = _mm512_loadu_ps(found.upper.data() + i);
    const auto mask = _mm512_mask_cmp_ps_mask(there, upper, bound, _CMP_GE_OQ);
    const auto rows = _mm512_loadu_si512(found.rows.data() + i);
    const auto lower = _mm512_loadu_ps(found.lower.data() + i);
    _mm512_storeu_si512(found.rows.data() + kept, _mm512_maskz_compress_epi32(mask, rows));
    _mm512_storeu_ps(found.upper.data() + kept, _mm512_maskz_compress_ps(mask, upper));
    _mm512_storeu_ps(found.lower.data() + kept, _mm512_maskz_compress_ps(mask, lower));
    kept += static_cast<std::size_t>(_mm_popcnt_u32(mask));
  }
  found.count = kept;
}

#endif

using Scan = void (*)(const Pass&);

// By the width of a tile; 0 has none.
using Scans = std::array<Scan, kWidest + 1>;
template <std::size_t... kWidths>
constexpr Scans portable_scans(std::index_sequence<kWidths...>) {
  return {nullptr, scan_portable<kWidths + 1>...};
}

struct Kernels {
  Scans scans;
  std::size_t widest;
  Range (*range)(const float*, std::size_t);
  std::size_t (*count_reaching)(const float*, std::size_t, float);
  void (*keep)(Int8Scan::Found&);
};

#if defined(__x86_64__)
template <std::size_t... kWidths>
constexpr Scans avx2_scans(std::index_sequence<kWidths...>) {
  return {nullptr, scan_avx2<kWidths + 1>...};
}
template <std::size_t... kWidths>
constexpr Scans vnni_scans(std::index_sequence<kWidths...>) {
  return {nullptr, scan_vnni<kWidths + 1>...};
}
#endif

const Kernels& kernels_of(ScanPath path) {
  static constexpr Kernels kPortable = {portable_scans(std::make_index_sequence<1>{}), 1, range_portable,
                                        count_reaching_portable, keep_portable};
#if defined(__x86_64__)
  // More queries than four at a time would not stay in the 16 registers of AVX2.
  static constexpr Kernels kAvx2 = {avx2_scans(std::make_index_sequence<4>{}), 4, range_portable,
                                    count_reaching_portable, keep_portable};
  static constexpr Kernels kVnni = {vnni_scans(std::make_index_sequence<kWidest>{}), kWidest, range_vnni,
                                    count_reaching_vnni, keep_vnni};
  if (path == ScanPath::kVnni) return kVnni;
  if (path == ScanPath::kAvx2) return kAvx2;
#endif
  static_cast<void>(path);
  return kPortable;
}

std::vector<ScanPath> find_paths() {
  std::vector<ScanPath> paths{ScanPath::kPortable};
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi");
  if (avx2) paths.push_back(ScanPath::kAvx2);
  if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni"))
    paths.push_back(ScanPath::kVnni);
#endif
  return paths;
}

}  // namespace

std::string_view to_string(ScanPath path) {
  constexpr std::string_view names[] = {"portable", "avx2", "avx512-vnni"};
  return names[static_cast<int>(path)];
}

std::span<const ScanPath> scan_paths() {
  static const auto paths = find_paths();
  return paths;
}

Int8Rows::Int8Rows(std::size_t size, std::size_t dim)
    : size_(size),
      dim_(dim),
      groups_((dim + kGroup - 1) / kGroup),
      levels_((size + kBlock - 1) / kBlock * groups_),
      scales_((size + kBlock - 1) / kBlock * kBlock, 0),
      roundings_(size, 0),
      lengths_(size, 0) {
  for (auto& line : levels_) line.bytes.fill(kOffset);
}

void Int8Rows::put(std::size_t row, std::span<const float> values) {
  assert(values.size() == dim_);
  thread_local std::vector<std::int8_t> levels;
  levels.assign(dim_, 0);
  const float scale = quantise(values, levels.data());
  if (scale == 0) return;
  scales_[row] = scale;
  const auto [rounding, length] = lengths_of(values, levels.data(), scale);
  roundings_[row] = rounding / scale;
  lengths_[row] = length;
  for (std::size_t d = 0; d < dim_; ++d) {
    levels_[row / kBlock * groups_ + d / kGroup].bytes[row % kBlock * kGroup + d % kGroup] =
        static_cast<std::uint8_t>(levels[d] + kOffset);
  }
}

void Int8Rows::finish() {
  for (const float rounding : roundings_) rounding_ = std::max(rounding_, rounding);
  for (const float length : lengths_) length_ = std::max(length_, length);
  roundings_ = {};
  lengths_ = {};
}

Int8Scan::Int8Scan(const Int8Rows& rows, std::span<const float> queries, ScanPath path) : rows_(rows), path_(path) {
  const auto dim = rows.dim();
  const auto groups = rows.groups();
  const auto count = dim == 0 ? 0 : queries.size() / dim;
  const auto& kernels = kernels_of(path);
  found_.resize(count);
  std::vector<std::int8_t> levels(groups * kGroup);
  for (std::size_t first = 0; first < count;) {
    Tile tile{.first = first, .width = 1, .levels = {}, .offset = {}};
    const auto tiles = (count - first + kernels.widest - 1) / kernels.widest;
    tile.width = (count - first + tiles - 1) / tiles;  // as even as can be: a narrow one costs nearly as much
    tile.levels.resize(groups * tile.width);
    for (std::size_t q = 0; q < tile.width; ++q) {
      auto& found = found_[first + q];
      const auto query = queries.subspan((first + q) * dim, dim);
      std::ranges::fill(levels, std::int8_t{0});
      found.scale = quantise(query, levels.data());
      const auto [rounding, length] = lengths_of(query, levels.data(), found.scale);
      double squares = 0;
      for (const float x : query) squares += double{x} * x;
      const auto size = static_cast<float>(std::sqrt(squares));
      found.slack = rows.rounding() * size + rows.length() * (rounding + kFloatRounding * size);
      std::int32_t sum = 0;
      for (const auto level : levels) sum += level;
      // AVX2 multiplies the levels themselves, the others what is kept of them.
      tile.offset[q] = path == ScanPath::kAvx2 ? 0 : -kOffset * sum;
      for (std::size_t g = 0; g < groups; ++g)
        std::memcpy(&tile.levels[g * tile.width + q], levels.data() + g * kGroup, kGroup);
    }
    first += tile.width;
    tiles_.push_back(std::move(tile));
  }
}

void Int8Scan::scan(std::size_t begin, std::size_t end) {
  for (auto& found : found_) {
    const auto room = found.count + (end - begin + 1) * kBlock;
    if (found.rows.size() >= room) continue;
    found.rows.resize(room);
    found.lower.resize(room);
    found.upper.resize(room);
  }
  const auto& kernels = kernels_of(path_);
  for (const auto& tile : tiles_) {
    kernels.scans[tile.width]({rows_.levels(), rows_.scales(), rows_.groups(), tile.levels.data(), tile.offset.data(),
                               found_.data() + tile.first, begin, end});
  }
}

// By bisection on the value: it needs no order among the rows.
void Int8Scan::tighten(std::size_t query, std::size_t k) {
  auto& found = found_[query];
  if (found.count <= k) return;
  const auto& kernels = kernels_of(path_);
  auto [low, high] = kernels.range(found.lower.data(), found.count);  // low: reached by at least k
  for (int step = 0; step < kBisections && low < high; ++step) {
    const float middle = low + (high - low) / 2;
    const auto reaching = kernels.count_reaching(found.lower.data(), found.count, middle);
    (reaching >= k ? low : high) = middle;
    if (reaching == k) break;
  }
  found.threshold = std::max(found.threshold, low);
  kernels.keep(found);
}

}  // namespace zhiyin
