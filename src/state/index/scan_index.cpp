#include "state/index/scan_index.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/kernels/vectors.h"
#include "base/threads.h"

namespace zhiyin {
namespace {

constexpr std::size_t kTogether = 48;    // queries that go through the rows side by side
constexpr std::size_t kFirstBlocks = 8;  // before thresholds are set for the first time; doubled from there
constexpr std::size_t kMostBlocks = 64;  // 64 kB of levels at 64 dimensions: they stay in the cache for all queries
constexpr std::size_t kFewAllowed = 64;  // one row in so many: walking is cheaper
constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kAhead = 6;  // rows that are fetched ahead

void fetch(std::span<const float> row) {
  const auto* bytes = reinterpret_cast<const char*>(row.data());
  for (std::size_t at = 0; at < row.size_bytes(); at += kCacheLine) __builtin_prefetch(bytes + at);
}

}  // namespace

bool has_direction(std::span<const float> query) {
  return std::ranges::any_of(query, [](float x) { return x != 0; }) &&
         std::ranges::all_of(query, [](float x) { return std::isfinite(x); });
}

bool allows_few(const Query& query, std::size_t size) {
  return query.allowed != nullptr && query.allowed->count() * kFewAllowed < size;
}

std::vector<Near> walk(const VectorRows& table, const Query& query, std::size_t k) {
  std::vector<std::uint32_t> rows;
  query.allowed->each([&](std::size_t row) {
    if (has_direction(table.row(row))) rows.push_back(static_cast<std::uint32_t>(row));
  });
  return best_of(table, query.vector, rows, k);
}

std::vector<Near> best_of(const VectorRows& table, std::span<const float> query, std::span<const std::uint32_t> rows,
                          std::size_t k) {
  std::vector<Near> found(rows.size());
  for (std::size_t i = 0; i < std::min(kAhead, rows.size()); ++i) fetch(table.row(rows[i]));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i + kAhead < rows.size()) fetch(table.row(rows[i + kAhead]));
    found[i] = {rows[i], dot(query, table.row(rows[i]))};
  }
  const auto kept = static_cast<std::ptrdiff_t>(std::min(k, found.size()));
  const auto before = [](const Near& a, const Near& b) { return nearer(a, b); };  // inlined, unlike a pointer
  if (static_cast<std::size_t>(kept) < found.size())
    std::nth_element(found.begin(), found.begin() + kept, found.end(), before);
  found.resize(static_cast<std::size_t>(kept));
  std::sort(found.begin(), found.end(), before);
  return found;
}

ScanIndex::ScanIndex(VectorRows rows, int threads, ScanPath path)
    : rows_(std::move(rows)), levels_(rows_.size(), rows_.dim()), path_(path) {
  constexpr std::size_t kGrain = 256 * Int8Rows::kBlock;
  parallel_for(rows_.size(), kGrain, threads, [&](std::size_t begin, std::size_t end, int) {
    for (auto row = begin; row < end; ++row) levels_.put(row, rows_.row(row));
  });
  levels_.finish();
}

std::vector<std::vector<Near>> ScanIndex::search(std::span<const Query> queries, std::size_t k) const {
  std::vector<std::vector<Near>> results(queries.size());
  std::vector<const Query*> together;
  std::vector<std::vector<Near>*> answers;
  const auto go = [&] {
    scan(together, k, answers);
    together.clear();
    answers.clear();
  };
  for (std::size_t q = 0; q < queries.size() && k > 0; ++q) {
    const auto& query = queries[q];
    assert(query.vector.size() == rows_.dim());
    assert(query.allowed == nullptr || query.allowed->size() == rows_.size());
    if (!has_direction(query.vector)) continue;
    if (allows_few(query, rows_.size())) {
      results[q] = walk(rows_, query, k);
      continue;
    }
    together.push_back(&query);
    answers.push_back(&results[q]);
    if (together.size() == kTogether) go();
  }
  if (!together.empty()) go();
  return results;
}

void ScanIndex::scan(std::span<const Query* const> queries, std::size_t k,
                     std::span<std::vector<Near>* const> results) const {
  std::vector<float> vectors;
  vectors.reserve(queries.size() * rows_.dim());
  for (const auto* query : queries) vectors.insert(vectors.end(), query->vector.begin(), query->vector.end());
  Int8Scan scan(levels_, vectors, path_);
  for (std::size_t q = 0; q < queries.size(); ++q) scan.found(q).allowed = queries[q]->allowed;

  const auto many = 4 * k + 2 * kMostBlocks;  // so many are left before a threshold is raised again
  auto step = kFirstBlocks;
  for (std::size_t begin = 0; begin < levels_.blocks(); begin += step, step = std::min(2 * step, kMostBlocks)) {
    const auto end = std::min(begin + step, levels_.blocks());
    scan.scan(begin, end);
    for (std::size_t q = 0; q < queries.size(); ++q) {
      if (scan.found(q).count > many) scan.tighten(q, k);
    }
    if (end == levels_.blocks()) break;
  }
  for (std::size_t q = 0; q < queries.size(); ++q) {
    scan.tighten(q, k);
    const auto& found = scan.found(q);
    *results[q] = best_of(rows_, queries[q]->vector, std::span(found.rows).first(found.count), k);
  }
}

}  // namespace zhiyin
