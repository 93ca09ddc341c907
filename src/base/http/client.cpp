#include "base/http/client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <utility>

namespace zhiyin::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::error_code;
using BeastView = boost::beast::string_view;

Error unavailable(std::string message) { return {ErrorCode::kUnavailable, std::move(message), {}}; }
Error failed(std::string_view doing) { return unavailable(fmt::format("{}: {}", doing, std::strerror(errno))); }

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// Waits until the socket can be read or written.
Result<void> wait(int descriptor, short events, double deadline) {
  for (;;) {
    pollfd entry{.fd = descriptor, .events = events, .revents = 0};
    const double left = deadline - now_s();
    if (left <= 0) return unavailable("no answer within the timeout");
    const int ready = ::poll(&entry, 1, static_cast<int>(std::ceil(left * 1000)));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return failed("poll");
  }
}

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

Result<Address> parse_address(const std::string& text, int port) {
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.bytes);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.bytes);
  const auto numeric = text == "localhost" ? std::string("127.0.0.1") : text;
  if (::inet_pton(AF_INET, numeric.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(static_cast<std::uint16_t>(port));
    address.size = sizeof(sockaddr_in);
  } else if (::inet_pton(AF_INET6, numeric.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(static_cast<std::uint16_t>(port));
    address.size = sizeof(sockaddr_in6);
  } else {
    return unavailable(fmt::format("\"{}\" is not an IP address", text));
  }
  return address;
}

}  // namespace

// Keeps what Beast finds in an answer.
class Client::Parser final : public beast_http::basic_parser<false> {
 public:
  Response response;

 private:
  void on_response_impl(int status, BeastView, int, error_code&) override { response.status = status; }
  void on_field_impl(beast_http::field, BeastView name, BeastView value, error_code&) override {
    response.headers.add({name.data(), name.size()}, {value.data(), value.size()});
  }
  std::size_t on_body_impl(BeastView bytes, error_code&) override { return append(bytes); }
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView bytes, error_code&) override { return append(bytes); }
  void on_request_impl(beast_http::verb, BeastView, BeastView, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  void on_chunk_header_impl(std::uint64_t, BeastView, error_code&) override {}
  void on_finish_impl(error_code&) override {}

  std::size_t append(BeastView bytes) {
    response.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
};

Client::Client(int descriptor, std::string host, ClientOptions options)
    : descriptor_(descriptor), host_(std::move(host)), options_(options) {}
Client::~Client() { ::close(descriptor_); }

Result<std::unique_ptr<Client>> Client::connect(const std::string& address, int port, ClientOptions options) {
  ZY_TRY(const auto target, parse_address(address, port));
  const int descriptor = ::socket(target.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return failed("socket");
  const bool is_v6 = target.bytes.ss_family == AF_INET6;
  auto client = std::unique_ptr<Client>(
      new Client(descriptor, fmt::format("{}{}{}:{}", is_v6 ? "[" : "", address, is_v6 ? "]" : "", port), options));
  const auto where = fmt::format("connect to {}", client->host_);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&target.bytes), target.size) != 0) {
    if (errno != EINPROGRESS) return failed(where);
    ZY_CHECK_OK(wait(descriptor, POLLOUT, now_s() + options.timeout_s).in(where));
    int error = 0;
    socklen_t size = sizeof(error);
    ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return unavailable(fmt::format("{}: {}", where, std::strerror(error)));
  }
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return client;
}

Result<Response> Client::request(Method method, std::string_view target, std::string_view body,
                                 const Headers& headers) {
  std::string message = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", method_name(method), target, host_);
  for (const auto& [name, value] : headers) message += fmt::format("{}: {}\r\n", name, value);
  if (!body.empty() || method == Method::kPost || method == Method::kPut || method == Method::kPatch) {
    message += fmt::format("Content-Length: {}\r\n", body.size());
  }
  message.append("\r\n").append(body);
  ZY_CHECK_OK(send(message));
  return receive(method);
}

Result<Response> Client::get(std::string_view target, const Headers& headers) {
  return request(Method::kGet, target, {}, headers);
}

Result<Response> Client::post(std::string_view target, std::string_view body, std::string_view content_type) {
  return request(Method::kPost, target, body, {{"Content-Type", std::string(content_type)}});
}

Result<void> Client::send(std::string_view bytes) {
  const double deadline = now_s() + options_.timeout_s;
  while (!bytes.empty()) {
    const auto count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      ZY_CHECK_OK(wait(descriptor_, POLLOUT, deadline).in("send"));
    } else if (errno != EINTR) {
      return failed("send");
    }
  }
  return {};
}

Result<bool> Client::read_some(double deadline) {
  std::array<char, 64 * 1024> buffer;
  for (;;) {
    const auto count = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
    if (count >= 0) {
      pending_.append(buffer.data(), static_cast<std::size_t>(count));
      return count > 0;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      ZY_CHECK_OK(wait(descriptor_, POLLIN, deadline).in("receive"));
    } else if (errno != EINTR) {
      return failed("receive");
    }
  }
}

Result<Response> Client::receive(Method to) {
  const double deadline = now_s() + options_.timeout_s;
  for (;;) {  // until an answer that is not "100 Continue" and its kin
    Parser parser;
    parser.eager(true);
    parser.header_limit(64 * 1024);
    parser.body_limit(options_.body_limit);
    parser.skip(to == Method::kHead);
    while (!parser.is_done()) {
      error_code error;
      if (!pending_.empty()) {
        const auto used = parser.put(boost::asio::const_buffer(pending_.data(), pending_.size()), error);
        pending_.erase(0, used);
        if (error && error != beast_http::error::need_more) {
          return unavailable(fmt::format("the answer is not HTTP: {}", error.message()));
        }
        if (parser.is_done()) break;
      }
      ZY_TRY(const bool more, read_some(deadline));
      if (more) continue;
      if (!parser.got_some()) return unavailable("the server closed the connection");
      parser.put_eof(error);
      if (error) return unavailable("the server closed the connection in the middle of an answer");
    }
    if (parser.response.status >= 200) return std::move(parser.response);
  }
}

Result<std::string> Client::receive_until(std::string_view mark) {
  const double deadline = now_s() + options_.timeout_s;
  for (;;) {
    if (const auto found = pending_.find(mark); found != std::string::npos) {
      auto bytes = pending_.substr(0, found + mark.size());
      pending_.erase(0, bytes.size());
      return bytes;
    }
    ZY_TRY(const bool more, read_some(deadline));
    if (!more) return unavailable("the server closed the connection");
  }
}

void Client::finish_sending() { ::shutdown(descriptor_, SHUT_WR); }

Result<void> Client::wait_for_close() {
  const double deadline = now_s() + options_.timeout_s;
  if (pending_.empty()) {
    ZY_TRY(const bool more, read_some(deadline));
    if (!more) return {};
  }
  return unavailable(fmt::format("the server sent {} bytes instead of closing", pending_.size()));
}

}  // namespace zhiyin::http
