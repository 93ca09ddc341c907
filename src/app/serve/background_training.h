// Full trainings from time to time while the server answers: `zhiyin train --if-not-worse` in a process of its own, at
// low priority, so that a training costs answers neither their memory nor, if it dies, anything. What it publishes the
// server takes in as it takes in any new snapshot.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "base/clock.h"

namespace zhiyin {

struct BackgroundTrainingOptions {
  double every_hours = 0;   // after the last training began; 0: never
  double tolerance = 0.02;  // learn/train_checked.h
};

// Whether it is time again. `chosen` is when what serves was published or gone back to, `tried` when this server last
// tried; nothing where there is none.
bool training_is_due(UnixSeconds now, std::optional<UnixSeconds> chosen, std::optional<UnixSeconds> tried,
                     double every_hours);

class BackgroundTraining {
 public:
  // Starts the thread, unless the trainings are off. `chosen` says when what serves was chosen.
  BackgroundTraining(std::filesystem::path home, const Clock& clock, std::function<std::optional<UnixSeconds>()> chosen,
                     BackgroundTrainingOptions options);
  // Waits for a training that runs.
  ~BackgroundTraining();
  BackgroundTraining(const BackgroundTraining&) = delete;
  BackgroundTraining& operator=(const BackgroundTraining&) = delete;

 private:
  void run(const std::stop_token& stop);
  void train() const;

  std::filesystem::path home_;
  const Clock& clock_;
  std::function<std::optional<UnixSeconds>()> chosen_;
  BackgroundTrainingOptions options_;
  std::jthread thread_;
};

}  // namespace zhiyin
