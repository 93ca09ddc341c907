// How far a long piece of work has come, on stderr: one line with bar, rate and remaining time on a terminal, redrawn
// at most ten times a second; otherwise a plain line every ten seconds, and one at the end of what took that long.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace zhiyin {

// Where progress is shown, so that a test can look and say what time it is.
struct ProgressOutput {
  std::function<void(std::string_view)> write;
  std::function<double()> seconds;  // a steady clock
  bool terminal = false;
  int columns = 80;

  static ProgressOutput standard_error();
};

// advance() is thread-safe and cheap (one atomic addition and a look at the clock).
class Progress {
 public:
  // total <= 0: unknown; then there is no bar and no remaining time.
  Progress(std::string what, std::int64_t total, ProgressOutput output = ProgressOutput::standard_error());
  ~Progress();  // without finish(): the line stays as it is, the work broke off
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(std::int64_t n = 1);
  void finish();  // shows the final count and the time it took; once

 private:
  void show(double now);  // REQUIRES(mutex_)
  [[nodiscard]] std::string line(double now, bool final) const;

  const std::string what_;
  const std::int64_t total_;
  const ProgressOutput output_;
  const double start_;
  std::atomic<std::int64_t> done_{0};
  std::atomic<double> next_show_;
  std::mutex mutex_;        // held while writing
  bool line_open_ = false;  // GUARDED_BY(mutex_): the terminal's cursor stands behind a drawn bar
  bool finished_ = false;   // GUARDED_BY(mutex_)
};

}  // namespace zhiyin
