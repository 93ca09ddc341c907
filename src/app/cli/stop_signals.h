// SIGINT and SIGTERM as a stop that work can look at; SIGHUP as a call.
#pragma once

#include <array>
#include <functional>
#include <mutex>
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

  // From here on SIGHUP calls this, on a thread of its own, instead of ending the process. An empty function: it is
  // ignored. Returns when no call is under way.
  void on_hang_up(std::function<void()> call);

 private:
  std::array<int, 2> ends_{-1, -1};  // the handler writes to the second
  std::stop_source source_;
  std::mutex mutex_;
  std::function<void()> hang_up_;  // GUARDED_BY(mutex_)
  bool is_hang_up_taken_ = false;
  std::jthread waiter_;
};

}  // namespace zhiyin
