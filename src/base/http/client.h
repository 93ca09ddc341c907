// A small synchronous HTTP/1.1 client for one connection: for the program's own tests and benchmarks, and for services
// on the same machine. Sending and receiving are apart, so that requests can be pipelined and malformed on purpose.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/http/message.h"
#include "base/result.h"

namespace zhiyin::http {

struct ClientOptions {
  double timeout_s = 10;  // of connecting, and of each call that waits for the other end
  std::size_t body_limit = 256 * 1024 * 1024;
};

// Not thread-safe. Every error is kUnavailable: no connection, timeout, end of stream, an answer that is not HTTP.
class Client {
 public:
  // address: numeric, or "localhost".
  static Result<std::unique_ptr<Client>> connect(const std::string& address, int port, ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Sends one request and waits for its answer. The connection stays open for the next unless the server closes it.
  Result<Response> request(Method method, std::string_view target, std::string_view body = {},
                           const Headers& headers = {});
  Result<Response> get(std::string_view target, const Headers& headers = {});
  Result<Response> post(std::string_view target, std::string_view body,
                        std::string_view content_type = "application/json");

  // Bytes as they are, and the next answer; `to` says what it answers, since HEAD's has no body.
  Result<void> send(std::string_view bytes);
  Result<Response> receive(Method to = Method::kGet);

  // Bytes as they come, up to the end of `mark`: for an answer that has no end.
  Result<std::string> receive_until(std::string_view mark);

  // From here on nothing more is sent; answers can still come.
  void finish_sending();

  // Waits until the server closes; an error if it does not, or sends more, within the timeout.
  Result<void> wait_for_close();

 private:
  class Parser;
  Client(int descriptor, std::string host, ClientOptions options);
  // Reads some bytes into pending_; false at the end of the stream.
  Result<bool> read_some(double deadline);

  int descriptor_;
  std::string host_;  // for the Host header
  ClientOptions options_;
  std::string pending_;  // read, not yet used
};

}  // namespace zhiyin::http
