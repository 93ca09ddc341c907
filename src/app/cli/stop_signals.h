// SIGINT and SIGTERM as a stop that work can look at.
#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

namespace zhiyin {

// From its construction on, the two signals no longer end the process: they request the stop. Made before any other thread
// starts, so that all of them inherit the blocked signals; one a process.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

 private:
  sigset_t signals_;
  std::stop_source source_;
  std::jthread waiter_;
};

}  // namespace zhiyin
