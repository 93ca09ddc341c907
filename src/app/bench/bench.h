// A bench: one named measurement of the program's own speed, in-process, with its answers checked before its time is
// reported. One file a bench; benches.cpp has them in a table, `zhiyin bench NAME` runs one.
//
//   {"bench": "feed", "params": {"items": 100000, ..}, "machine": {..}, "results": {"p50_us": 512.3, ..}}
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace zhiyin {

// --NAME VALUE: a whole number from low to high, or a text where both are 0.
struct BenchFlag {
  std::string_view name;
  std::string_view says;
  std::string_view initial;  // as it would be written
  double low = 0;
  double high = 0;

  [[nodiscard]] bool is_number() const { return low < high; }
};

// The flags' values, which the caller has checked against the flags, and the threads that may be used.
class BenchParams {
 public:
  BenchParams(std::span<const BenchFlag> flags, int threads);
  void set(std::string_view name, std::string value) { values_.find(name)->second = std::move(value); }

  // `name` must be one of the flags.
  [[nodiscard]] std::size_t number(std::string_view name) const;
  [[nodiscard]] const std::string& text(std::string_view name) const { return values_.find(name)->second; }
  [[nodiscard]] int threads() const { return threads_; }

 private:
  std::map<std::string, std::string, std::less<>> values_;
  int threads_;
};

struct Bench {
  std::string_view name;
  std::string_view says;
  std::span<const BenchFlag> flags;
  // The results. An error where an answer was wrong, or what it needs is missing.
  Result<Json> (*run)(const BenchParams& params);
};

// All of them, by name.
std::span<const Bench> benches();

// The value below which `share` of the values lie; reorders them.
double percentile(std::vector<double>& values, double share);

// Runs it: the whole document.
Result<Json> run_bench(const Bench& bench, const BenchParams& params);

// One function a bench.
Bench feed_bench();
Bench freshness_bench();
Bench http_bench();
Bench index_bench();
Bench ingest_bench();
Bench memory_bench();
Bench ready_bench();
Bench soak_bench();
Bench torture_bench();

}  // namespace zhiyin
