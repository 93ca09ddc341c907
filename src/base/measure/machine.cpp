#include "base/measure/machine.h"

#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include "base/threads.h"

namespace zhiyin {
namespace {

// The value of a "name : value" line of a file under /proc, empty where there is none.
std::string proc_value(const char* path, std::string_view name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(':');
    if (!line.starts_with(name) || colon == std::string::npos) continue;
    const auto start = line.find_first_not_of(" \t", colon + 1);
    return start == std::string::npos ? std::string{} : line.substr(start);
  }
  return {};
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Machine this_machine(int threads) {
  Machine machine{.cpu = proc_value("/proc/cpuinfo", "model name"), .cores = default_threads(), .threads = threads};
  if (machine.cpu.empty()) machine.cpu = "unknown";
  const char* coretype = std::getenv("OPENBLAS_CORETYPE");
  machine.openblas_coretype = coretype != nullptr && *coretype != '\0' ? coretype : "auto";
  return machine;
}

double process_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double peak_rss_mib() {
  const auto kib = proc_value("/proc/self/status", "VmHWM");
  return std::strtod(kib.c_str(), nullptr) / 1024.0;
}

void reset_peak_rss() {
  std::ofstream file("/proc/self/clear_refs");
  file << "5\n";  // 5: set the high-water mark to what is resident now (proc(5))
}

Meter::Meter() {
  reset_peak_rss();
  wall_ = wall_seconds();
  cpu_ = process_cpu_seconds();
}

Meter::Cost Meter::stop() const {
  return {.wall_s = wall_seconds() - wall_, .cpu_s = process_cpu_seconds() - cpu_, .peak_rss_mib = peak_rss_mib()};
}

}  // namespace zhiyin
