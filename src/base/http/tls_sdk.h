// TLS on a socket that does not block: OpenSSL, TLS 1.2 and later. Seen by this folder's .cpp files only.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace zhiyin::http {

// A certificate with its key. Thread-safe; connections hold the one that they began with.
class TlsContext {
 public:
  // PEM files: the certificate, with those between it and its authority behind it, and the key, without a passphrase.
  // Errors name the file and what is wrong with it.
  static Result<std::shared_ptr<TlsContext>> load(const std::string& certificate, const std::string& private_key);

  [[nodiscard]] SSL_CTX* get() const { return context_.get(); }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  explicit TlsContext(SSL_CTX* context) : context_(context) {}
  std::unique_ptr<SSL_CTX, Free> context_;
};

// What came of moving bytes: some were moved, or it must wait until the socket can be read or written, or it is over.
struct Moved {
  enum class State { kSome, kWaitToRead, kWaitToWrite, kOver } state = State::kOver;
  std::size_t bytes = 0;
};

// The server's side of one connection. Reading and writing do the handshake as well. Confined to one thread.
class TlsStream {
 public:
  TlsStream(const TlsContext& context, int descriptor);

  Moved read(std::span<char> buffer);
  // What could not be written must be given again, with the same bytes.
  Moved write(std::string_view bytes);
  void say_goodbye();

 private:
  struct Free {
    void operator()(SSL* stream) const { SSL_free(stream); }
  };
  Moved outcome(int result);
  std::unique_ptr<SSL, Free> stream_;
};

}  // namespace zhiyin::http
