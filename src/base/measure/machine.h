// What a figure was measured on, and what it cost: printed beside every number.
#pragma once

#include <string>

namespace zhiyin {

struct Machine {
  std::string cpu;                // as the kernel names it, "unknown" where it does not
  int cores = 1;                  // that this process may run on
  int threads = 1;                // that the measured work may use
  std::string openblas_coretype;  // the environment's OPENBLAS_CORETYPE, "auto" where it is not set
};

Machine this_machine(int threads);

// CPU seconds, user and system, of all threads of this process so far.
double process_cpu_seconds();

// Highest resident memory of this process in MiB since the start or the last reset. A kernel that does not allow the
// reset keeps the mark of the whole life: too high, never too low.
double peak_rss_mib();
void reset_peak_rss();

// Wall and CPU seconds and peak memory of what happens between construction and stop().
class Meter {
 public:
  struct Cost {
    double wall_s = 0;
    double cpu_s = 0;
    double peak_rss_mib = 0;
  };
  Meter();
  [[nodiscard]] Cost stop() const;

 private:
  double wall_;
  double cpu_;
};

}  // namespace zhiyin
