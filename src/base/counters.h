// Numbers about the running process: counters, gauges and histograms, printed by /metrics in Prometheus text format.
//
// Look a metric up once and keep the reference (it lives as long as the process); changing it is lock-free:
//   static Counter& accepted = counter("zhiyin_events_accepted_total", "Events accepted.");
//   accepted.add(n);
// The same name and labels give the same metric. Names, help and labels come from the program, never from outside.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace zhiyin {

using Labels = std::vector<std::pair<std::string, std::string>>;

// Only grows.
class Counter {
 public:
  void add(std::int64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Goes up and down.
class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double n) { value_.fetch_add(n, std::memory_order_relaxed); }
  [[nodiscard]] double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

// How often a value fell at or below each bound, with count and sum.
class Histogram {
 public:
  explicit Histogram(std::span<const double> bounds);  // ascending
  void observe(double value);

  [[nodiscard]] std::span<const double> bounds() const { return bounds_; }
  // Of each bucket alone, not cumulative; the last has no upper bound.
  [[nodiscard]] std::vector<std::int64_t> counts() const;
  [[nodiscard]] double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::vector<double> bounds_;
  std::vector<std::atomic<std::int64_t>> counts_;
  std::atomic<double> sum_{0};
};

// Seconds from 50 microseconds to 10 seconds: what a request or a commit may take.
std::span<const double> latency_bounds();

// Find or create. Thread-safe; takes a lock, so keep the reference.
Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
Histogram& histogram(std::string_view name, std::string_view help, const Labels& labels = {},
                     std::span<const double> bounds = latency_bounds());

// Observes, at the end of its scope, the seconds since it was made.
class Timed {
 public:
  explicit Timed(Histogram& histogram) : histogram_(histogram) {}
  ~Timed() { histogram_.observe(stopwatch_.seconds()); }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  Histogram& histogram_;
  Stopwatch stopwatch_;
};

// Everything so far, in Prometheus text format 0.0.4: by name, then by labels.
std::string metrics_text();

}  // namespace zhiyin
