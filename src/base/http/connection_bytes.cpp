// The half of a connection that moves bytes: through TLS or not, from memory, from a file, from a stream.
#include <sys/sendfile.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "base/http/connection_sdk.h"

namespace zhiyin::http {
namespace {

using boost::system::error_code;
namespace asio = boost::asio;

constexpr int kReads = 64;                             // of what a streamed-to client sends, at a time
constexpr std::size_t kFilePiece = 1024 * 1024;        // bytes of a file a step
constexpr std::size_t kLingerBytes = 4 * 1024 * 1024;  // read and dropped after the last answer
constexpr double kLingerSeconds = 2;

bool would_block(const error_code& error) {
  return error == asio::error::would_block || error == asio::error::try_again;
}

}  // namespace

Moved Connection::receive(std::span<char> buffer) {
  if (tls_) return tls_->read(buffer);
  error_code error;
  const auto count = socket_.read_some(asio::buffer(buffer.data(), buffer.size()), error);
  if (would_block(error)) return {Moved::State::kWaitToRead};
  return error ? Moved{} : Moved{Moved::State::kSome, count};
}

Moved Connection::transmit(std::string_view first, std::string_view second) {
  if (tls_) return tls_->write(first.empty() ? second : first);
  const std::array<asio::const_buffer, 2> parts{asio::buffer(first.data(), first.size()),
                                                asio::buffer(second.data(), second.size())};
  error_code error;
  const auto count = socket_.write_some(parts, error);
  if (would_block(error)) return {Moved::State::kWaitToWrite};
  return error ? Moved{} : Moved{Moved::State::kSome, count};
}

Moved Connection::transmit_file() {
  off_t offset = file_->offset;
  const auto wanted = static_cast<std::size_t>(file_->length);
  if (tls_) {
    auto& buffer = loop_.buffer();
    const auto count = ::pread(file_->descriptor(), buffer.data(), std::min(wanted, buffer.size()), offset);
    return count > 0 ? tls_->write({buffer.data(), static_cast<std::size_t>(count)}) : Moved{};
  }
  const auto count = ::sendfile(socket_.native_handle(), file_->descriptor(), &offset, std::min(wanted, kFilePiece));
  if (count > 0) return {Moved::State::kSome, static_cast<std::size_t>(count)};
  if (count < 0 && errno == EINTR) return {Moved::State::kSome, 0};
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return {Moved::State::kWaitToWrite};
  return {};  // the client has gone, or the file has become shorter than was announced
}

Connection::Step Connection::write() {
  const auto total = head_.size() + body_.size();
  while (written_ < total) {
    const auto in_head = std::min(written_, head_.size());
    const auto in_body = written_ - in_head;
    const auto sent = transmit(std::string_view(head_).substr(in_head), std::string_view(body_).substr(in_body));
    if (sent.state != Moved::State::kSome) return wait_or_close(sent.state);
    written_ += sent.bytes;
    deadline_ = after(state_.options.write_deadline_s);
  }
  body_ = {};
  if (stream_ != nullptr) return stream();
  if (!file_) return finish();
  phase_ = Phase::kSendingFile;
  return Step::kGoOn;
}

Connection::Step Connection::send_file() {
  if (file_->length == 0) return finish();
  const auto sent = transmit_file();
  if (sent.state != Moved::State::kSome) return wait_or_close(sent.state);
  file_->offset += static_cast<std::int64_t>(sent.bytes);
  file_->length -= static_cast<std::int64_t>(sent.bytes);
  deadline_ = after(state_.options.write_deadline_s);
  return Step::kGoOn;
}

// Everything so far is written: what has come since is next, or the stream's wake-up is waited for.
Connection::Step Connection::stream() {
  phase_ = Phase::kStreaming;
  if (!std::exchange(is_streaming_, true)) {
    stream_->when_ready([weak = loop_.weak_from_this(), self = weak_from_this()] {
      const auto loop = weak.lock();
      if (loop == nullptr) return;
      asio::post(loop->io, [self] {
        if (const auto connection = self.lock()) connection->stream_changed();
      });
    });
    watch_for_end();
  }
  auto taken = stream_->take();
  if (taken.bytes.empty()) {
    if (taken.ended || state_.is_stopping) return finish();
    deadline_ = TimePoint::max();
    return Step::kWait;
  }
  head_ = {};
  body_ = std::move(taken.bytes);
  written_ = 0;
  deadline_ = after(state_.options.write_deadline_s);
  phase_ = Phase::kWriting;
  return Step::kGoOn;
}

void Connection::stream_changed() {
  if (stream_ == nullptr) return;
  if (stream_->is_dropped()) return close();
  if (phase_ == Phase::kStreaming) advance();
}

// What a client sends while it is streamed to is read and dropped; its end is the stream's.
void Connection::watch_for_end() {
  if (is_watched_) return;
  is_watched_ = true;
  socket_.async_wait(Tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
    self->is_watched_ = false;
    if (error || self->phase_ == Phase::kClosed || self->stream_ == nullptr) return;
    for (int i = 0; i < kReads; ++i) {
      const auto got = self->receive(self->loop_.buffer());
      if (got.state == Moved::State::kOver) return self->close();
      if (got.state != Moved::State::kSome) break;
    }
    self->watch_for_end();
  });
}

// The answer is out.
Connection::Step Connection::finish() {
  file_.reset();
  if (stream_ != nullptr) std::exchange(stream_, nullptr)->close();
  if (!keep_alive_ || state_.is_stopping) {
    // Closing with bytes unread would send a reset, and that may overtake the answer: say goodbye, then read it out.
    if (tls_) tls_->say_goodbye();
    error_code ignored;
    socket_.shutdown(Tcp::socket::shutdown_send, ignored);
    phase_ = Phase::kLingering;
    deadline_ = after(kLingerSeconds);
    return Step::kGoOn;
  }
  phase_ = Phase::kReading;
  is_fresh_ = taken_ < pending_.size();  // the next request was sent without waiting for this answer
  is_started_ = false;
  deadline_ = after(state_.options.idle_deadline_s);
  return Step::kGoOn;
}

Connection::Step Connection::linger() {
  const auto got = receive(loop_.buffer());
  if (got.state != Moved::State::kSome) return wait_or_close(got.state);
  linger_bytes_ += got.bytes;
  if (linger_bytes_ <= kLingerBytes) return Step::kGoOn;
  close();
  return Step::kWait;
}

}  // namespace zhiyin::http
