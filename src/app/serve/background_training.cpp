#include "app/serve/background_training.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "base/log.h"
#include "base/process.h"
#include "learn/train_checked.h"

namespace zhiyin {
namespace {

constexpr double kSecondsAnHour = 3600;
constexpr double kLook = 60;  // seconds between two looks at the clock, at most

}  // namespace

bool training_is_due(UnixSeconds now, std::optional<UnixSeconds> chosen, std::optional<UnixSeconds> tried,
                     double every_hours) {
  if (every_hours <= 0) return false;
  const auto last = std::max(chosen.value_or(0), tried.value_or(0));
  return static_cast<double>(now - last) >= every_hours * kSecondsAnHour;
}

BackgroundTraining::BackgroundTraining(std::filesystem::path home, const Clock& clock,
                                       std::function<std::optional<UnixSeconds>()> chosen,
                                       BackgroundTrainingOptions options)
    : home_(std::move(home)), clock_(clock), chosen_(std::move(chosen)), options_(options) {
  if (options_.every_hours > 0) thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

BackgroundTraining::~BackgroundTraining() = default;

void BackgroundTraining::run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  const double look = std::min(kLook, options_.every_hours * kSecondsAnHour / 4);
  std::optional<UnixSeconds> tried;
  while (!never.wait_for(lock, stop, std::chrono::duration<double>(look), [] { return false; }) &&
         !stop.stop_requested()) {
    if (!training_is_due(clock_.now(), chosen_(), tried, options_.every_hours)) continue;
    tried = clock_.now();
    train();
  }
}

void BackgroundTraining::train() const {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  const std::vector<std::string> command = {"nice",
                                            "-n",
                                            "15",
                                            program.string(),
                                            "--home",
                                            home_.string(),
                                            "-q",
                                            "--threads",
                                            "1",
                                            "train",
                                            "--if-not-worse",
                                            "--tolerance",
                                            fmt::format("{}", options_.tolerance)};
  const Stopwatch watch;
  const auto began = clock_.now();
  const auto code = run_program(command);
  if (!code.ok() || *code != 0) {
    log_error("the training in the background failed{}: run `zhiyin train --if-not-worse` to see why",
              code.ok() ? fmt::format(" (exit {})", *code) : ": " + code.error().message);
    return;
  }
  const auto decisions = read_decisions(home_);
  if (!decisions.ok() || decisions->empty()) return;
  const auto& last = decisions->back();
  if (last.time < began) return;  // nothing had happened that could be learned
  log_info("trained in the background in {:.0f} s; {}: {}", watch.seconds(),
           last.published ? "published" : "not published", last.reason);
}

}  // namespace zhiyin
