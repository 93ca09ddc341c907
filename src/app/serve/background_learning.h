// A thread that follows the log while the server answers, and lays what it learns over the snapshot (learn/online.h).
//
// Users are folded in at every request, so this is about items, and minutes are soon enough: factors that follow a user
// who is still at it are worse than those of before (evaluate t8). It learns when `events` wait, or when the oldest of
// them has waited for `seconds`; and it rests long enough after each step that it takes at most `share` of one core,
// which on a large home is what sets the pace. A snapshot that cannot be learned on serves as it is; the log says so
// once. Items that nobody has touched are the source fresh's: rows that content predicts for them, laid into the model,
// stood far above those that are known (on MovieLens most of a slate), and were taken out again.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "feed/live/live.h"
#include "feed/snapshot/view.h"
#include "learn/online.h"

namespace zhiyin {

struct BackgroundLearningOptions {
  bool on = true;
  std::int64_t events = 200;
  double seconds = 300;
  double share = 0.2;
  OnlineOptions learner;
};

class BackgroundLearning {
 public:
  using ViewSource = std::function<std::shared_ptr<const View>()>;

  // Starts the thread. `log` and `live` must outlive this.
  BackgroundLearning(const EventLog& log, Live& live, ViewSource view, BackgroundLearningOptions options);
  ~BackgroundLearning();
  BackgroundLearning(const BackgroundLearning&) = delete;
  BackgroundLearning& operator=(const BackgroundLearning&) = delete;

 private:
  void run(const std::stop_token& stop);
  // One look at the log. Returns the seconds that a step took, 0 where there was nothing to do.
  double look();
  void follow(const std::shared_ptr<const View>& view);

  const EventLog& log_;
  Live& live_;
  ViewSource view_;
  BackgroundLearningOptions options_;
  std::unique_ptr<OnlineLearner> learner_;
  bool given_up_ = false;
  Stopwatch since_;  // when nothing waited, or the last step ended
  std::jthread thread_;
};

}  // namespace zhiyin
