#include "base/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace zhiyin {
namespace {

constexpr double kRedrawSeconds = 0.1;
constexpr double kPlainSeconds = 10;

// 75 -> "1:15", 3700 -> "1:01:40".
std::string duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(std::clamp(seconds, 0.0, 3.6e6)));
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

// Three digits are enough of a rate.
std::string rate_text(double rate) {
  if (rate >= 1e6) return fmt::format("{:.3g}M", rate / 1e6);
  if (rate >= 1e4) return fmt::format("{:.0f}k", rate / 1e3);
  return rate >= 100 ? fmt::format("{:.0f}", rate) : fmt::format("{:.3g}", rate);
}

std::string bar(double share, int width) {
  const auto filled = static_cast<int>(std::clamp(share, 0.0, 1.0) * width);
  return fmt::format("[{}{}]", std::string(static_cast<std::size_t>(filled), '#'),
                     std::string(static_cast<std::size_t>(width - filled), '.'));
}

}  // namespace

ProgressOutput ProgressOutput::standard_error() {
  ProgressOutput output;
  output.write = [](std::string_view text) {
    while (!text.empty()) {
      const auto written = ::write(STDERR_FILENO, text.data(), text.size());
      if (written <= 0) return;  // nobody looks: not worth stopping the work for
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  };
  output.seconds = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  };
  output.terminal = isatty(STDERR_FILENO) == 1;
  winsize size{};
  if (output.terminal && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) output.columns = size.ws_col;
  return output;
}

Progress::Progress(std::string what, std::int64_t total, ProgressOutput output)
    : what_(std::move(what)),
      total_(total),
      output_(std::move(output)),
      start_(output_.seconds()),
      next_show_(start_ + (output_.terminal ? kRedrawSeconds : kPlainSeconds)) {}

Progress::~Progress() {
  const std::lock_guard lock(mutex_);
  if (line_open_) output_.write("\n");
}

void Progress::advance(std::int64_t n) {
  done_.fetch_add(n, std::memory_order_relaxed);
  const double now = output_.seconds();
  if (now < next_show_.load(std::memory_order_relaxed)) return;
  const std::unique_lock lock(mutex_, std::try_to_lock);  // whoever holds it is showing the same
  if (lock.owns_lock() && !finished_) show(now);
}

void Progress::finish() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(finished_, true)) return;
  const double now = output_.seconds();
  const bool worth_a_line = output_.terminal || now - start_ >= kPlainSeconds;
  if (worth_a_line) output_.write(fmt::format("{}{}\n", output_.terminal ? "\r\x1b[K" : "", line(now, true)));
  line_open_ = false;
}

void Progress::show(double now) {
  next_show_ = now + (output_.terminal ? kRedrawSeconds : kPlainSeconds);
  if (output_.terminal) {
    output_.write("\r\x1b[K" + line(now, false));
    line_open_ = true;
  } else {
    output_.write(line(now, false) + "\n");
  }
}

std::string Progress::line(double now, bool final) const {
  const auto done = done_.load(std::memory_order_relaxed);
  const double elapsed = now - start_;
  const double rate = elapsed > 0 ? static_cast<double>(done) / elapsed : 0;
  if (final) return fmt::format("{}: {} in {}, {}/s", what_, done, duration(elapsed), rate_text(rate));
  if (total_ <= 0) return fmt::format("{}: {}, {}/s", what_, done, rate_text(rate));
  const double share = static_cast<double>(done) / static_cast<double>(total_);
  const auto left = rate > 0 ? duration(static_cast<double>(std::max<std::int64_t>(total_ - done, 0)) / rate) : "?";
  const auto numbers = fmt::format("{}/{} ({:.0f}%), {}/s, {} left", done, total_, 100 * share, rate_text(rate), left);
  if (!output_.terminal) return fmt::format("{}: {}", what_, numbers);
  const int room =
      output_.columns - static_cast<int>(what_.size() + numbers.size()) - 6;  // brackets, spaces, and the last column
  if (room < 5) return fmt::format("{} {}", what_, numbers);
  return fmt::format("{} {} {}", what_, bar(share, std::min(room, 40)), numbers);
}

}  // namespace zhiyin
