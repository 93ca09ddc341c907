// This program as a server of a home, in a process of its own: what benches kill, load for an hour and weigh.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>

#include "base/result.h"

namespace zhiyin {

// Confined to one thread.
class OwnServer {
 public:
  // Returns when it listens, on a free port. Its log goes where this process's goes.
  static Result<std::unique_ptr<OwnServer>> start(const std::filesystem::path& home);
  ~OwnServer();  // kills it
  OwnServer(const OwnServer&) = delete;
  OwnServer& operator=(const OwnServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] pid_t process() const { return process_; }

  void kill();
  // Asks it to finish, and waits: its exit code, 128 and the signal's number if one ended it.
  int stop();

 private:
  OwnServer(pid_t process, int output) : process_(process), output_(output) {}
  [[nodiscard]] Result<int> read_port() const;
  int end(int signal);

  pid_t process_;
  int output_;
  int port_ = 0;
};

}  // namespace zhiyin
