#include "app/bench/raw_epoll.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <unordered_set>

namespace zhiyin {
namespace {

constexpr int kLookAtStop_ms = 50;

Error failed(const char* doing) { return internal(fmt::format("raw epoll: {}: {}", doing, std::strerror(errno))); }

void watch(int poll, int descriptor) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  ::epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
}

}  // namespace

// Threads listen at one port each for themselves; the kernel shares connections out.
Result<int> RawEpollServer::listen_at(int port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) return failed("socket");
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, SOMAXCONN) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    auto error = failed("listen");
    ::close(listener);
    return error;
  }
  port_ = ntohs(address.sin_port);
  return listener;
}

Result<std::unique_ptr<RawEpollServer>> RawEpollServer::start(int threads, std::string (*make_body)()) {
  std::unique_ptr<RawEpollServer> server(new RawEpollServer());
  for (int t = 0; t < threads; ++t) {
    ZY_TRY(const int listener, server->listen_at(server->port_));
    server->threads_.emplace_back([self = server.get(), listener, make_body] { self->run(listener, make_body); });
  }
  return server;
}

RawEpollServer::~RawEpollServer() {
  stopping_ = true;
  threads_.clear();  // joins
}

void RawEpollServer::run(int listener, std::string (*make_body)()) const {
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  watch(poll, listener);
  std::unordered_set<int> clients;
  std::array<epoll_event, 64> events;
  std::array<char, 16 * 1024> buffer;
  while (!stopping_) {
    const int ready = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), kLookAtStop_ms);
    for (int i = 0; i < ready; ++i) {
      const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
      if (descriptor == listener) {
        for (int client = 0; (client = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
          const int on = 1;
          ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
          watch(poll, client);
          clients.insert(client);
        }
        continue;
      }
      const auto count = ::recv(descriptor, buffer.data(), buffer.size(), 0);
      const std::string_view request(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
      if (request.ends_with("\r\n\r\n")) {
        const auto body = make_body();
        const auto answer = fmt::format(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
        if (::send(descriptor, answer.data(), answer.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(answer.size()))
          continue;
      }
      ::close(descriptor);
      clients.erase(descriptor);
    }
  }
  for (const int client : clients) ::close(client);
  ::close(poll);
  ::close(listener);
}

}  // namespace zhiyin
