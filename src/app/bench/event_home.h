// A home made for benches of events: a catalogue without content, a running service over it, and events that say where
// they come from, so that what the log holds can be compared with what was acknowledged.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/serve/service.h"
#include "base/clock.h"
#include "base/result.h"

namespace zhiyin {

// In the temporary folder of the system unless `parent` names another; gone when this is destroyed.
class BenchFolder {
 public:
  static Result<std::unique_ptr<BenchFolder>> make(const std::string& parent);
  ~BenchFolder();
  BenchFolder(const BenchFolder&) = delete;
  BenchFolder& operator=(const BenchFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit BenchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

// Fills a home with items "i0" to "i<items - 1>".
Result<void> make_bench_catalogue(const std::filesystem::path& home, std::size_t items);

// What 4 KiB appended to a file and one fdatasync take there.
class DiskProbe {
 public:
  explicit DiskProbe(const std::filesystem::path& folder);
  ~DiskProbe();
  DiskProbe(const DiskProbe&) = delete;
  DiskProbe& operator=(const DiskProbe&) = delete;
  double seconds();

 private:
  int file_;
};

// The value below which `share` of the values lie; 0 of none. In milliseconds, for values in seconds.
double percentile_ms(std::vector<double> seconds, double share);

enum class BenchIds { kNone, kSequential, kRandom };
Result<BenchIds> bench_ids(const std::string& text);  // none, sequential, random

// Event `number` of client `client`, a view by one of 100,000 users of one of `items` items. Who sent it stands in its
// time, so that a log can be read back whatever ids there are.
Event bench_event(std::size_t client, std::int64_t number, std::size_t items, BenchIds ids);
inline constexpr std::size_t kMostBenchClients = 128;

// How many of the log's events each client sent. An error if a client's events are not 0, 1, 2, ... in the log's order,
// each once.
Result<std::vector<std::int64_t>> count_bench_events(const EventLog& log, std::size_t clients);

}  // namespace zhiyin
