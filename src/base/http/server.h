// An HTTP/1.1 server: one event loop a thread, keep-alive, pipelining, limits, deadlines, graceful stop,
// TLS, bodies that are streamed.
//
// A connection lives on one loop. Its requests are answered in order: the handler is called on that loop's thread and
// blocks it, so a handler may take milliseconds (a ranking) and not seconds. What waits longer, or for others, answers
// later (deferred.h): its own connection waits, the loop does not. Every answer carries X-Request-ID and Date; a handler
// that throws is answered with 500 and logged.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/http/message.h"
#include "base/http/request_reader.h"
#include "base/result.h"

namespace zhiyin::http {

// What answers the requests, called from several threads at once. It owns the request while it runs (a router writes
// what it found in the path); a function of `const Request&` serves as well.
using Entry = std::function<Response(Request&)>;

struct ServerOptions {
  std::string address =
      "127.0.0.1";  // an IP address, or "localhost"; "0.0.0.0" and "::" are every one this machine has
  int port = 8080;  // 0: a free one, see Server::port()
  int threads = 0;  // event loops; 0: the cores, but at least 4, since handlers wait for the disk
  ReadLimits limits;
  InPieces in_pieces;  // whose bodies are read in pieces and without a limit (incoming_body.h); none: nobody's
  int max_connections = 10'000;            // one more is answered with 503
  std::vector<std::string> allowed_hosts;  // lower-case names of Host, without port; empty: any. Else 421
  std::string certificate;                 // PEM files; both or neither: then TLS 1.2 and later alone is spoken
  std::string private_key;
  double header_deadline_s = 10;  // from the first byte of a request to the end of its header
  double body_deadline_s = 60;    // from there to the end of its body; between pieces
  double answer_deadline_s = 60;  // until a deferred answer is there; then 503
  double write_deadline_s = 30;   // without any byte taken by the client
  double idle_deadline_s = 75;    // between requests
  double drain_deadline_s = 5;    // from stop() to the end of what is in flight
};

struct ServerCounters {
  std::int64_t connections_open = 0;
  std::int64_t connections = 0;  // accepted since the start
  std::int64_t requests = 0;     // given to the handler
  std::int64_t refused = 0;      // answered before the handler: malformed, over a limit, late, for another host
};

// Thread-safe. Destruction stops.
class Server {
 public:
  // Errors: kInvalid for an address that is none, kConflict for a port in use (the message names the fix).
  static Result<std::unique_ptr<Server>> start(ServerOptions options, Entry entry);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] int port() const;
  [[nodiscard]] ServerCounters counters() const;

  // Reads certificate and key again, for connections that begin from now on. An error leaves the old ones.
  Result<void> reload_certificate();

  // Accepts nothing more, closes idle connections, lets requests in flight finish up to the drain deadline, deferred
  // answers among them, ends streams, joins the threads. Returns when all is done; a handler that never returns is waited for, an
  // answer that never comes is not. Not to be called by a handler.
  void stop();

 private:
  class Implementation;
  explicit Server(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace zhiyin::http
