#include "app/bench/http_load.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/clock.h"

namespace zhiyin {
namespace {

constexpr double kLastAnswers_s = 5;

Error failed(const char* doing) { return internal(fmt::format("load: {}: {}", doing, std::strerror(errno))); }

}  // namespace

Result<LoadClient> LoadClient::connect(int port, std::size_t connections) {
  LoadClient client;
  client.poll_ = ::epoll_create1(EPOLL_CLOEXEC);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (std::size_t i = 0; i < connections; ++i) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return failed("socket (more open files? ulimit -n)");
    client.connections_.push_back({descriptor, {}});
    if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return failed("connect");
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    ::epoll_ctl(client.poll_, EPOLL_CTL_ADD, descriptor, &event);
  }
  return client;
}

LoadClient::LoadClient(LoadClient&& other) noexcept
    : poll_(std::exchange(other.poll_, -1)), connections_(std::exchange(other.connections_, {})) {}

LoadClient::~LoadClient() {
  for (const auto& connection : connections_) {
    if (connection.descriptor >= 0) ::close(connection.descriptor);
  }
  if (poll_ >= 0) ::close(poll_);
}

LoadResult LoadClient::run(double seconds, const std::string& path, const std::string& body) {
  const auto request = fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
  LoadResult result;
  const Stopwatch watch;
  const double cpu = thread_cpu_seconds();
  std::size_t in_flight = 0;
  const auto broke = [&](Connection& connection) {
    ++result.errors;
    ::close(std::exchange(connection.descriptor, -1));
  };
  const auto ask = [&](Connection& connection) {
    connection.received.clear();
    const auto size = static_cast<ssize_t>(request.size());
    if (::send(connection.descriptor, request.data(), request.size(), MSG_NOSIGNAL) != size) return broke(connection);
    ++in_flight;
  };
  for (auto& connection : connections_) {
    if (connection.descriptor >= 0) ask(connection);
  }
  std::array<epoll_event, 256> events;
  std::array<char, 16 * 1024> buffer;
  while (in_flight > 0 && watch.seconds() < seconds + kLastAnswers_s) {
    const int ready = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < ready; ++i) {
      auto& connection = connections_[events[static_cast<std::size_t>(i)].data.u64];
      if (connection.descriptor < 0) continue;
      const auto count = ::recv(connection.descriptor, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (count < 0 && errno == EAGAIN) continue;
      if (count <= 0) {
        --in_flight;
        broke(connection);
        continue;
      }
      connection.received.append(buffer.data(), static_cast<std::size_t>(count));
      const auto header = connection.received.find("\r\n\r\n");
      if (header == std::string::npos || connection.received.size() < header + 4 + body.size()) continue;
      --in_flight;
      if (!connection.received.starts_with("HTTP/1.1 200 ") || !connection.received.ends_with(body) ||
          connection.received.size() != header + 4 + body.size()) {
        broke(connection);
        continue;
      }
      ++result.answers;
      if (watch.seconds() < seconds) ask(connection);
    }
  }
  result.errors += static_cast<std::int64_t>(in_flight);
  result.seconds = watch.seconds();
  result.cpu_s = thread_cpu_seconds() - cpu;
  return result;
}

}  // namespace zhiyin
