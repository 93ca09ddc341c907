// The least that answers HTTP over keep-alive connections: epoll, one read, one write, no parsing but for the end of the
// header. What a server's own work is measured against; nothing to put on a network.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"

namespace zhiyin {

class RawEpollServer {
 public:
  // Every request is answered with 200 and make_body()'s text, on as many threads with an epoll each.
  static Result<std::unique_ptr<RawEpollServer>> start(int threads, std::string (*make_body)());
  ~RawEpollServer();
  RawEpollServer(const RawEpollServer&) = delete;
  RawEpollServer& operator=(const RawEpollServer&) = delete;

  [[nodiscard]] int port() const { return port_; }

 private:
  RawEpollServer() = default;
  Result<int> listen_at(int port);
  void run(int listener, std::string (*make_body)()) const;

  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::vector<std::jthread> threads_;
};

}  // namespace zhiyin
