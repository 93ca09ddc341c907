// Everything that a server is asked and told, by many clients at once, for as long as wanted.
//
// A closed little world, so that what the server keeps reaches its bounds within minutes: 500 users, 200 items and a
// stream of guests, each of whom comes once. Every kind of request comes from a thread with a connection of its own:
// events with and without ids, repeats among them; guests who ask, like and become users; every list, search and slate;
// items that are written and taken away; streams that are opened and left; settings that are read again; backups.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace zhiyin {

struct MixedLoadOptions {
  int port = 0;
  std::filesystem::path home;  // of the server, on this machine
  std::size_t rate = 5'000;    // events a second
  double backup_s = 300;       // between two backups
};

inline constexpr std::size_t kMixedUsers = 500;
inline constexpr std::size_t kMixedItems = 200;

// Runs from construction to stop(). Thread-safe.
class MixedLoad {
 public:
  explicit MixedLoad(MixedLoadOptions options);
  ~MixedLoad();
  MixedLoad(const MixedLoad&) = delete;
  MixedLoad& operator=(const MixedLoad&) = delete;

  // Waits for what is under way.
  void stop();

  // How often each kind was done. Busy: batches of events that were answered with 429, which is not an error.
  [[nodiscard]] Json counts() const;
  [[nodiscard]] std::int64_t errors() const { return errors_; }
  [[nodiscard]] std::string first_error() const;

 private:
  class Asker;
  // Does `once` every so many seconds on a thread of its own, with a connection and random numbers of its own.
  void every(double seconds, std::function<void(Asker&, std::int64_t round)> once);
  void send_events(Asker& asker, std::int64_t round);
  void come_as_guest(Asker& asker, std::int64_t round);
  void ask(Asker& asker, std::int64_t round);
  void change(Asker& asker, std::int64_t round);
  void listen(Asker& asker);
  void back_up_home();
  void fail(const std::string& what);

  const MixedLoadOptions options_;
  std::atomic<std::int64_t> events_{0};  // accepted
  std::atomic<std::int64_t> duplicates_{0};
  std::atomic<std::int64_t> busy_{0};
  std::atomic<std::int64_t> answers_{0};
  std::atomic<std::int64_t> guests_{0};
  std::atomic<std::int64_t> changes_{0};
  std::atomic<std::int64_t> streams_{0};
  std::atomic<std::int64_t> backups_{0};
  std::atomic<std::int64_t> errors_{0};
  mutable std::mutex mutex_;
  std::string first_error_;  // GUARDED_BY(mutex_)
  const Stopwatch since_start_;
  std::int64_t sent_ = 0;  // events; of the thread that sends them
  std::vector<std::jthread> threads_;
};

}  // namespace zhiyin
