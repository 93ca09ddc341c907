#include "app/cli/stop_signals.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>

#include "base/log.h"

namespace zhiyin {
namespace {

int g_write_end = -1;  // of the one StopSignals there is

// What a handler may do: one write. It does not matter which thread the signal meets; a numeric library may have
// started some before main(), with nothing blocked.
void tell(int signal) {
  const auto byte = static_cast<char>(signal);
  [[maybe_unused]] const auto written = ::write(g_write_end, &byte, 1);
}

}  // namespace

StopSignals::StopSignals() {
  if (::pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    return;  // then a signal ends the process, as it does without us
  g_write_end = ends_[1];
  struct sigaction action {};
  action.sa_handler = tell;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  waiter_ = std::jthread([this](const std::stop_token& done) {
    constexpr int kLookAtDone_ms = 100;
    while (!done.stop_requested()) {
      pollfd waiting{ends_[0], POLLIN, 0};
      char signal = 0;
      if (::poll(&waiting, 1, kLookAtDone_ms) <= 0 || ::read(ends_[0], &signal, 1) != 1) continue;
      if (signal == SIGHUP) {
        const std::scoped_lock lock(mutex_);
        if (hang_up_) hang_up_();
        continue;
      }
      log_info("signal {}: finishing what is in flight", static_cast<int>(signal));
      source_.request_stop();
    }
  });
}

void StopSignals::on_hang_up(std::function<void()> call) {
  const std::scoped_lock lock(mutex_);
  hang_up_ = std::move(call);
  struct sigaction action {};
  action.sa_handler = tell;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGHUP, &action, nullptr);
  is_hang_up_taken_ = true;
}

StopSignals::~StopSignals() {
  ::signal(SIGINT, SIG_DFL);
  ::signal(SIGTERM, SIG_DFL);
  if (is_hang_up_taken_) ::signal(SIGHUP, SIG_DFL);
  waiter_ = {};  // joined before the pipe goes
  g_write_end = -1;
  for (const int end : ends_) {
    if (end >= 0) ::close(end);
  }
}

}  // namespace zhiyin
