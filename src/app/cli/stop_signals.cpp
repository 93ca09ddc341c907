#include "app/cli/stop_signals.h"

#include "base/log.h"

namespace zhiyin {

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  waiter_ = std::jthread([this](const std::stop_token& done) {
    constexpr timespec kLookAtDone{0, 100'000'000};
    while (!done.stop_requested()) {
      const int received = sigtimedwait(&signals_, nullptr, &kLookAtDone);
      if (received <= 0) continue;
      log_info("signal {}: finishing what is in flight", received);
      source_.request_stop();
    }
  });
}

}  // namespace zhiyin
