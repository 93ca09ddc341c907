#include "app/serve/background_learning.h"

#include <sys/resource.h>

#include <algorithm>

#include "base/counters.h"
#include "base/log.h"

namespace zhiyin {
namespace {

constexpr double kLook = 0.2;  // seconds between two looks at the log
constexpr int kNice = 10;      // answers go first

}  // namespace

BackgroundLearning::BackgroundLearning(const EventLog& log, Live& live, ViewSource view,
                                       BackgroundLearningOptions options)
    : log_(log), live_(live), view_(std::move(view)), options_(options) {
  if (options_.on) thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

BackgroundLearning::~BackgroundLearning() = default;  // asks the thread to stop, and waits for it

void BackgroundLearning::run(const std::stop_token& stop) {
  ::setpriority(PRIO_PROCESS, 0, kNice);  // of this thread alone, on Linux
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);

  while (!stop.stop_requested()) {
    const double took = look();
    const double rest = std::max(std::min(kLook, options_.seconds), took * (1 / options_.share - 1));
    never.wait_for(lock, stop, std::chrono::duration<double>(rest), [] { return false; });
  }
}

void BackgroundLearning::follow(const std::shared_ptr<const View>& view) {
  live_.lay(nullptr);
  given_up_ = false;
  learner_ = std::make_unique<OnlineLearner>(view->shared_snapshot(), options_.learner);
}

double BackgroundLearning::look() {
  static Counter& steps = counter("zhiyin_online_steps_total", "Steps of learning between trainings.");
  static Gauge& known = gauge("zhiyin_online_offset", "The event up to which answers have learned.");
  const auto view = view_();
  if (view == nullptr || view->snapshot() == nullptr) return 0;
  if (learner_ == nullptr || learner_->base().id != view->snapshot()->id) follow(view);
  if (given_up_) return 0;
  const auto last = log_.last_offset();
  if (!last.ok()) return 0;  // whoever writes says so
  const auto waiting = *last - std::max(learner_->offset(), learner_->base().offset);
  if (waiting <= 0) {
    since_ = Stopwatch();
    return 0;
  }
  if (waiting < options_.events && since_.seconds() < options_.seconds) return 0;
  const Stopwatch watch;
  auto overlay = learner_->step(log_);
  since_ = Stopwatch();
  if (!overlay.ok()) {
    given_up_ = overlay.error().code == ErrorCode::kConflict;
    log_warning("nothing is learned between trainings{}: {}", given_up_ ? "" : " for now", overlay.error().message);
    return watch.seconds();
  }
  steps.add();
  known.set(static_cast<double>(learner_->offset()));
  if (*overlay != nullptr) live_.lay(std::move(*overlay));
  log_debug("{} events learned in {:.3f} s", waiting, watch.seconds());
  return watch.seconds();
}

}  // namespace zhiyin
