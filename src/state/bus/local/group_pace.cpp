#include "state/bus/local/group_pace.h"

#include <algorithm>

namespace zhiyin {
namespace {

constexpr double kNewest = 0.2;          // weight of the newest commit
constexpr double kWritingPerCommit = 4;  // a commit is a fifth of a full transaction
constexpr double kWaitPerCommit = 0.25;

double smoothed(double before, double now) { return before == 0 ? now : before + kNewest * (now - before); }

}  // namespace

void GroupPace::committed(std::size_t appends, std::size_t events, std::size_t left, double write_s, double commit_s) {
  commit_s_ = smoothed(commit_s_, commit_s);
  if (events > 0) write_event_s_ = smoothed(write_event_s_, write_s / static_cast<double>(events));
  expected_ = std::max<std::size_t>(1, appends + left);
}

std::size_t GroupPace::most_events() const {
  if (write_event_s_ == 0) return kFewestEvents;
  const double enough = kWritingPerCommit * commit_s_ / write_event_s_;
  return static_cast<std::size_t>(
      std::clamp(enough, static_cast<double>(kFewestEvents), static_cast<double>(kMostEvents)));
}

std::size_t GroupPace::enough_events() const {
  if (write_event_s_ == 0) return kFewestEvents;
  return static_cast<std::size_t>(std::min(wait_s() / write_event_s_, static_cast<double>(kMostEvents)));
}

double GroupPace::wait_s() const { return std::min(kWaitPerCommit * commit_s_, kLongestWait); }

}  // namespace zhiyin
