// SIGINT and SIGTERM as a stop that work can look at.
#pragma once

#include <array>
#include <stop_token>
#include <thread>

namespace zhiyin {

// While it lives, the two signals do not end the process: they request the stop. One a process.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

 private:
  std::array<int, 2> ends_{-1, -1};  // the handler writes to the second
  std::stop_source source_;
  std::jthread waiter_;
};

}  // namespace zhiyin
