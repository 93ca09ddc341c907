#include <fmt/format.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <climits>

#include "base/http/tls_sdk.h"

namespace zhiyin::http {
namespace {

std::string openssl_words() {
  const auto code = ERR_get_error();
  std::array<char, 256> text{};
  ERR_error_string_n(code, text.data(), text.size());
  const auto* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return reason != nullptr ? reason : text.data();
}

// HTTP/1.1 is what is spoken here, whatever else the client offers.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                    unsigned int size, void*) {
  static constexpr std::array<unsigned char, 9> kOurs = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, length, kOurs.data(), kOurs.size(), offered, size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::load(const std::string& certificate, const std::string& private_key) {
  ERR_clear_error();
  auto context = std::shared_ptr<TlsContext>(new TlsContext(SSL_CTX_new(TLS_server_method())));
  auto* raw = context->get();
  if (raw == nullptr) return internal("OpenSSL: " + openssl_words());
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Buffers of an idle connection are given back.
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(raw, [](char*, int, int, void*) { return -1; });  // else it asks on the terminal
  if (SSL_CTX_use_certificate_chain_file(raw, certificate.c_str()) != 1)
    return invalid(fmt::format("{}: is no certificate in PEM: {}", certificate, openssl_words()), "certificate");
  if (SSL_CTX_use_PrivateKey_file(raw, private_key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return invalid(
        fmt::format("{}: is no key of {} in PEM without a passphrase: {}", private_key, certificate, openssl_words()),
        "private_key");
  }
  return context;
}

TlsStream::TlsStream(const TlsContext& context, int descriptor) : stream_(SSL_new(context.get())) {
  if (stream_ == nullptr) return;
  SSL_set_fd(stream_.get(), descriptor);
  SSL_set_accept_state(stream_.get());
}

Moved TlsStream::outcome(int result) {
  if (result > 0) return {Moved::State::kSome, static_cast<std::size_t>(result)};
  switch (SSL_get_error(stream_.get(), result)) {
    case SSL_ERROR_WANT_READ: return {Moved::State::kWaitToRead};
    case SSL_ERROR_WANT_WRITE: return {Moved::State::kWaitToWrite};
    default: return {Moved::State::kOver};
  }
}

Moved TlsStream::read(std::span<char> buffer) {
  if (stream_ == nullptr) return {};
  ERR_clear_error();
  return outcome(SSL_read(stream_.get(), buffer.data(), static_cast<int>(buffer.size())));
}

Moved TlsStream::write(std::string_view bytes) {
  if (stream_ == nullptr) return {};
  ERR_clear_error();
  return outcome(
      SSL_write(stream_.get(), bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX))));
}

void TlsStream::say_goodbye() {
  if (stream_ == nullptr || SSL_in_init(stream_.get()) != 0) return;
  ERR_clear_error();
  SSL_shutdown(stream_.get());
}

}  // namespace zhiyin::http
