// How appends are gathered into one transaction: by what the disk's own commits cost, which differs by ten between
// disks and between minutes on one disk.
//
// Two questions. How many events one transaction takes at most: so many that the commit is a small part of the whole
// and no more, since whoever stands first in the group waits for all of it. And how long a group that could be
// committed now waits for more: clients that send one event and wait for its answer come back together after a commit,
// and a group that starts with the first of them leaves the others to the next fsync.
#pragma once

#include <cstddef>

namespace zhiyin {

// Not thread-safe: it belongs to the thread that commits.
class GroupPace {
 public:
  // Of one transaction: `appends` with `events` together took write_s to write and commit_s to commit; `left` appends
  // had come meanwhile and wait for the next.
  void committed(std::size_t appends, std::size_t events, std::size_t left, double write_s, double commit_s);

  // The most events of the next transaction; a single append may be larger.
  [[nodiscard]] std::size_t most_events() const;

  // How many appends are to be expected, by how many were under way last, and how long to wait for them: a quarter of a
  // commit, at most kLongestWait. A lone client is not waited for.
  [[nodiscard]] std::size_t expected_appends() const { return expected_; }
  [[nodiscard]] double wait_s() const;

  // Events whose writing takes as long as the wait would: with so many there is enough to do.
  [[nodiscard]] std::size_t enough_events() const;

  [[nodiscard]] double commit_s() const { return commit_s_; }

  static constexpr std::size_t kFewestEvents = 2'000;
  static constexpr std::size_t kMostEvents = 50'000;
  static constexpr double kLongestWait = 0.002;

 private:
  double commit_s_ = 0;       // smoothed; 0: not known yet
  double write_event_s_ = 0;  // smoothed, of one event
  std::size_t expected_ = 1;
};

}  // namespace zhiyin
