// Bytes -> requests: HTTP/1.1 framing, strict where laxness lets two readers of one stream disagree (RFC 9112 section
// 11.2): a body announced twice, a transfer coding other than chunked, a space before a colon, a second Host.
// Knows no sockets, so it is tested and fuzzed on bytes alone. Not thread-safe: one per connection.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "base/http/message.h"

namespace zhiyin::http {

struct ReadLimits {
  std::size_t header = 8 * 1024;  // bytes of request line and fields together
  std::size_t body = 16 * 1024 * 1024;
};

// Whether the body of a request, of which the header is known, is taken away piece by piece.
using InPieces = std::function<bool(const Request&)>;

enum class Reading {
  kHeader,  // more bytes of the header are needed
  kBody,    // the header is complete, more bytes of the body are needed
  kDone,    // request() is complete
  kFailed,  // failure() says why; the stream cannot be read on
};

class RequestReader {
 public:
  explicit RequestReader(ReadLimits limits, InPieces in_pieces = {});
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  // Takes what it can use from the front of `bytes`. What it leaves must be given again, with more behind it, when
  // the answer is kHeader or kBody; after kDone the rest is the next request's.
  Reading feed(std::string_view& bytes);

  // After kDone: the request (peer and id not set) may be moved out; then reset() before the next feed().
  [[nodiscard]] Request& request();
  [[nodiscard]] bool keep_alive() const;  // after kDone
  // From kBody on: whether the body has no limit. What has come of it stands in request().body, to be taken out.
  [[nodiscard]] bool in_pieces() const;
  [[nodiscard]] bool expects_continue() const;    // from kBody on: the client waits for "100 Continue"
  [[nodiscard]] const Response& failure() const;  // after kFailed: 400, 413, 431, 501 or 505
  void reset();

 private:
  class Parser;
  ReadLimits limits_;
  InPieces in_pieces_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace zhiyin::http
