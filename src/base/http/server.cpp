#include "base/http/server.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <mutex>
#include <random>
#include <thread>

#include "base/http/connection_sdk.h"
#include "base/log.h"
#include "base/random.h"
#include "base/threads.h"

namespace zhiyin::http {
namespace {

using boost::system::error_code;
namespace asio = boost::asio;

constexpr int kAcceptedAtOnce = 64;

// sendfile() has no flag against SIGPIPE as send() has: the loops' threads take none.
void block_sigpipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

Result<Tcp::endpoint> endpoint_of(const ServerOptions& options) {
  if (options.port < 0 || options.port > 65535) {
    return invalid(fmt::format("port {} is out of range: 1 to 65535, or 0 for a free one", options.port), "port");
  }
  error_code error;
  const auto address = asio::ip::make_address(options.address == "localhost" ? "127.0.0.1" : options.address, error);
  if (error)
    return invalid(fmt::format("\"{}\" is not an IP address (127.0.0.1, 0.0.0.0, ::1)", options.address), "address");
  return Tcp::endpoint(address, static_cast<std::uint16_t>(options.port));
}

Error cannot_listen(const ServerOptions& options, const error_code& error) {
  if (error == asio::error::address_in_use) {
    return {ErrorCode::kConflict,
            fmt::format(
                "port {} on {} is in use: stop the program that holds it, or choose another port (0 takes a free one)",
                options.port, options.address),
            "port"};
  }
  if (error == asio::error::access_denied) {
    return invalid(fmt::format("port {} is for privileged programs: choose one from 1024 on", options.port), "port");
  }
  return internal(fmt::format("cannot listen on {} port {}: {}", options.address, options.port, error.message()));
}

Result<Tcp::acceptor> listen(asio::io_context& io, const ServerOptions& options) {
  ZY_TRY(const auto endpoint, endpoint_of(options));
  Tcp::acceptor acceptor(io);
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error)
    acceptor.set_option(Tcp::acceptor::reuse_address(true), error);  // a restart need not wait for old sockets
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  if (error) return cannot_listen(options, error);
  return acceptor;
}

}  // namespace

TimePoint after(double seconds) {
  return std::chrono::steady_clock::now() +
         std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(seconds));
}

Loop::Loop(ServerState& state, std::uint64_t seed) : state_(state), id_counter_(seed) {
  const auto& options = state.options;
  const auto shortest = std::min({options.header_deadline_s, options.body_deadline_s, options.write_deadline_s,
                                  options.idle_deadline_s, options.drain_deadline_s});
  sweep_interval_ = std::chrono::duration<double>(std::clamp(shortest / 4, 0.01, 1.0));
  arm_sweep();
}

void Loop::run() {
  block_sigpipe();
  for (;;) {
    try {
      io.run();
      return;
    } catch (const std::exception& exception) {
      log_error("http: {}", exception.what());  // the connection at fault stays until its deadline
    }
  }
}

void Loop::add(Tcp::socket socket) {
  const auto connection = std::make_shared<Connection>(std::move(socket), state_, *this);
  connections_.insert(connection);
  if (draining_) return connection->close();
  connection->advance();
}

void Loop::remove(const std::shared_ptr<Connection>& connection) {
  connections_.erase(connection);
  --load;
  --state_.connections_open;
  if (draining_ && connections_.empty()) timer_.cancel();
}

std::string Loop::next_request_id() { return fmt::format("{:016x}", mix64(id_counter_++)); }

void Loop::drain() {
  draining_ = true;
  drain_deadline_ = after(state_.options.drain_deadline_s);
  const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
  for (const auto& connection : all) connection->drain();
  if (connections_.empty()) timer_.cancel();
}

void Loop::arm_sweep() {
  timer_.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(sweep_interval_));
  timer_.async_wait([this](const error_code&) {
    sweep();
    if (!draining_ || !connections_.empty()) arm_sweep();
  });
}

void Loop::sweep() {
  const auto now = std::chrono::steady_clock::now();
  const bool end_all = draining_ && now >= drain_deadline_;
  const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
  for (const auto& connection : all) {
    if (end_all) {
      connection->close();
    } else {
      connection->expire(now);
    }
  }
}

namespace {

std::vector<std::shared_ptr<Loop>> make_loops(ServerState& state) {
  const int threads = state.options.threads > 0 ? state.options.threads : std::max(4, default_threads());
  std::random_device device;
  std::vector<std::shared_ptr<Loop>> loops;
  for (int i = 0; i < threads; ++i) {
    loops.push_back(std::make_shared<Loop>(state, std::uint64_t{device()} << 32U | device()));
  }
  return loops;
}

}  // namespace

class Server::Implementation {
 public:
  Implementation(ServerOptions options, Entry entry)
      : state_{std::move(options), std::move(entry)}, loops_(make_loops(state_)) {}
  ~Implementation() { stop(); }

  Result<void> start() {
    ZY_TRY(acceptor_, listen(loops_.front()->io, state_.options));
    port_ = acceptor_->local_endpoint().port();
    wait_for_connections();
    for (const auto& loop : loops_) threads_.emplace_back([&loop] { loop->run(); });
    return {};
  }

  void stop() {
    const std::lock_guard lock(stop_mutex_);
    if (threads_.empty()) return;
    state_.is_stopping = true;
    asio::post(loops_.front()->io, [this] {
      error_code ignored;
      acceptor_->close(ignored);
      retry_.cancel();
    });
    for (const auto& loop : loops_) {
      asio::post(loop->io, [&loop] { loop->drain(); });
    }
    threads_.clear();  // joins
  }

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] ServerCounters counters() const {
    return {.connections_open = state_.connections_open,
            .connections = state_.connections,
            .requests = state_.requests,
            .refused = state_.refused};
  }

 private:
  void wait_for_connections() {
    acceptor_->async_wait(Tcp::acceptor::wait_read, [this](const error_code& error) {
      if (!error) accept();
    });
  }

  void accept() {
    for (int i = 0; i < kAcceptedAtOnce; ++i) {
      auto& loop = **std::ranges::min_element(loops_, {}, [](const auto& each) { return each->load.load(); });
      error_code error;
      auto socket = acceptor_->accept(loop.io, error);
      if (error == asio::error::would_block || error == asio::error::try_again) break;
      if (error == asio::error::connection_aborted || error == asio::error::interrupted) continue;
      if (error) return wait_for_room(error);
      ++state_.connections;
      if (state_.connections_open >= state_.options.max_connections) {
        turn_away(std::move(socket));
        continue;
      }
      ++state_.connections_open;
      ++loop.load;
      asio::post(loop.io, [&loop, given = std::move(socket)]() mutable { loop.add(std::move(given)); });
    }
    wait_for_connections();
  }

  // Out of descriptors: those who wait in the queue are served when others have left.
  void wait_for_room(const error_code& error) {
    log_warning("http: cannot accept connections: {}", error.message());
    retry_.expires_after(std::chrono::milliseconds(100));
    retry_.async_wait([this](const error_code& cancelled) {
      if (!cancelled) accept();
    });
  }

  void turn_away(Tcp::socket socket) {
    static constexpr std::string_view kFull =
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    ++state_.refused;
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(kFull), ignored);
  }

  ServerState state_;
  std::vector<std::shared_ptr<Loop>> loops_;
  std::optional<Tcp::acceptor> acceptor_;
  asio::steady_timer retry_{loops_.front()->io};
  int port_ = 0;
  std::mutex stop_mutex_;
  std::vector<std::jthread> threads_;
};

Server::Server(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Entry entry) {
  auto implementation = std::make_unique<Implementation>(std::move(options), std::move(entry));
  ZY_CHECK_OK(implementation->start());
  return std::unique_ptr<Server>(new Server(std::move(implementation)));
}

int Server::port() const { return implementation_->port(); }
ServerCounters Server::counters() const { return implementation_->counters(); }
void Server::stop() { implementation_->stop(); }

}  // namespace zhiyin::http
