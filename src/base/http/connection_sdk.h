// The inside of the server: loops and the connections on them. Seen by server.cpp and connection*.cpp only.
//
// A connection is a machine of eight phases that moves on as far as its socket lets it, then waits for the socket to
// become readable or writable, or for an answer, a piece of a stream or room for a piece of a body
// that somebody else makes. It waits with no memory
// but what is half-read: bytes arrive in the loop's own buffer.
// Deadlines are kept as plain points in time and swept by one timer a loop, so a request pays for no timer.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "base/http/deferred.h"
#include "base/http/file_answer.h"
#include "base/http/incoming_body.h"
#include "base/http/server.h"
#include "base/http/stream.h"
#include "base/http/tls_sdk.h"

namespace zhiyin::http {

using Tcp = boost::asio::ip::tcp;
using TimePoint = std::chrono::steady_clock::time_point;

TimePoint after(double seconds);  // from now

// What the loops share.
struct ServerState {
  ServerOptions options;
  Entry entry;
  std::shared_ptr<const TlsContext> tls;  // by std::atomic_load and std::atomic_store only; null: none
  std::atomic<std::int64_t> connections{0};
  std::atomic<std::int64_t> connections_open{0};
  std::atomic<std::int64_t> requests{0};
  std::atomic<std::int64_t> refused{0};
  std::atomic<bool> is_stopping{false};  // from here on an answer is the last of its connection
};

class Connection;

// One thread's event loop. All but io, load and the constructor belongs to the thread that runs io. Shared with
// whoever may still answer a request of it: an answer that comes after the server has gone finds a loop that nobody
// runs.
class Loop : public std::enable_shared_from_this<Loop> {
 public:
  Loop(ServerState& state, std::uint64_t seed);

  void add(Tcp::socket socket);
  void remove(const std::shared_ptr<Connection>& connection);
  void drain();  // from here on no request begins; run() ends with the last connection
  void run();
  std::string next_request_id();

  std::array<char, 64 * 1024>& buffer() { return buffer_; }

  boost::asio::io_context io{1};
  std::atomic<int> load{0};  // connections given to this loop and not yet closed

 private:
  void arm_sweep();
  void sweep();

  ServerState& state_;
  boost::asio::steady_timer timer_{io};
  std::chrono::duration<double> sweep_interval_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  std::array<char, 64 * 1024> buffer_;
  std::uint64_t id_counter_;
  bool draining_ = false;
  TimePoint drain_deadline_;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Tcp::socket socket, ServerState& state, Loop& loop);

  void advance();  // as far as it goes now
  void drain();    // close if idle; else end after the request in flight
  void expire(TimePoint now);
  void close();

 private:
  enum class Phase { kReading, kTakingPieces, kAnswering, kWriting, kSendingFile, kStreaming, kLingering, kClosed };
  enum class Step { kGoOn, kWait };

  Step read();
  Step parse();
  Step write();
  Step send_file();
  Step stream();
  Step linger();
  Step wait(Tcp::socket::wait_type direction);
  Step wait_or_close(Moved::State state);
  void stream_changed();
  void watch_for_end();

  // Bytes from and to the client, through TLS where there is some.
  Moved receive(std::span<char> buffer);
  Moved transmit(std::string_view first, std::string_view second);
  Moved transmit_file();

  void answer();
  void answer_in_pieces();
  void pass_on(Reading reading);
  void body_wanted();
  std::optional<Request> take_request();
  Response call_entry(Request& request);
  void wait_for_answer(Phase phase, Request request, const std::shared_ptr<PendingAnswer>& pending);
  void take_answer(std::uint64_t answer_id, Response response);
  [[nodiscard]] bool is_allowed_host(const Request& request) const;
  void refuse(Response response);
  void respond(const Request& request, Response response);
  void write_head(const Request& request, const Response& response, std::optional<std::int64_t> length);
  Step finish();

  Tcp::socket socket_;
  std::optional<TlsStream> tls_;
  ServerState& state_;
  Loop& loop_;
  std::string peer_;
  Phase phase_ = Phase::kReading;
  TimePoint deadline_;
  std::uint64_t wait_id_ = 0;  // a wake-up with an older number is stale

  RequestReader reader_;
  Reading reading_ = Reading::kHeader;
  std::string pending_;  // bytes read and not yet used, from taken_ on
  std::size_t taken_ = 0;
  bool is_fresh_ = false;    // pending_ has grown since the reader saw it
  bool is_started_ = false;  // a byte of the present request has come

  Request asked_;                           // while its answer is deferred
  std::shared_ptr<IncomingBody> incoming_;  // while its body is taken in pieces
  bool is_held_ = false;                    // incoming_ has no room
  std::uint64_t answer_id_ = 0;             // an answer with an older number is late

  std::string head_;
  std::string body_;
  std::size_t written_ = 0;  // of head_ and body_ together
  std::optional<OpenFile> file_;
  std::shared_ptr<BodyStream> stream_;
  bool is_streaming_ = false;  // the stream's wake-ups are on their way
  bool is_watched_ = false;    // while a stream is sent: for the client's going
  bool keep_alive_ = true;
  std::size_t linger_bytes_ = 0;
};

}  // namespace zhiyin::http
