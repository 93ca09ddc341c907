// A client that keeps many connections busy from one thread, and checks what it gets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace zhiyin {

struct LoadResult {
  std::int64_t answers = 0;
  std::int64_t errors = 0;  // anything but a 200 with the body that was expected; a connection that broke
  double seconds = 0;
  double cpu_s = 0;  // of the client itself
};

// Connections to 127.0.0.1. Confined to one thread.
class LoadClient {
 public:
  static Result<LoadClient> connect(int port, std::size_t connections);
  ~LoadClient();
  LoadClient(LoadClient&& other) noexcept;
  LoadClient& operator=(LoadClient&&) = delete;

  // One request in flight on each connection, for so many seconds; then what is in flight is waited for.
  LoadResult run(double seconds, const std::string& path, const std::string& body);

 private:
  struct Connection {
    int descriptor = -1;
    std::string received;
  };
  LoadClient() = default;

  int poll_ = -1;
  std::vector<Connection> connections_;
};

}  // namespace zhiyin
