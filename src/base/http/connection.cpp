#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <exception>

#include "base/http/connection_sdk.h"
#include "base/log.h"

namespace zhiyin::http {
namespace {

using boost::system::error_code;
namespace asio = boost::asio;

constexpr int kTurns = 64;  // steps of one connection before others on the loop have theirs

// Ids that we repeat in answers and logs are short and plain.
bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           c == '.';
  });
}

std::string_view date_now() {
  thread_local std::time_t second = 0;
  thread_local std::string text;
  if (const auto now = std::time(nullptr); now != second) {
    second = now;
    text = http_date(now);
  }
  return text;
}

// "Example.org:8080" -> "example.org"; "[::1]:80" -> "[::1]".
std::string host_name(std::string_view host) {
  const auto colon = host.find(':', host.starts_with('[') ? host.find(']') : 0);
  std::string name(host.substr(0, colon));
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return name;
}

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

Connection::Connection(Tcp::socket socket, ServerState& state, Loop& loop)
    : socket_(std::move(socket)),
      state_(state),
      loop_(loop),
      deadline_(after(state.options.idle_deadline_s)),
      reader_(state.options.limits, state.options.in_pieces) {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.native_non_blocking(true, ignored);
  socket_.set_option(Tcp::no_delay(true), ignored);
  peer_ = socket_.remote_endpoint(ignored).address().to_string();
  if (const auto tls = std::atomic_load(&state.tls)) {
    tls_.emplace(*tls, socket_.native_handle());
    deadline_ = after(state.options.header_deadline_s);  // for the handshake
  }
}

void Connection::advance() {
  for (int turn = 0; turn < kTurns; ++turn) {
    auto step = Step::kWait;
    switch (phase_) {
      case Phase::kReading: step = is_fresh_ ? parse() : read(); break;
      case Phase::kTakingPieces: step = is_held_ ? Step::kWait : is_fresh_ ? parse() : read(); break;
      case Phase::kWriting: step = write(); break;
      case Phase::kSendingFile: step = send_file(); break;
      case Phase::kStreaming: step = stream(); break;
      case Phase::kLingering: step = linger(); break;
      case Phase::kAnswering:
      case Phase::kClosed: break;
    }
    if (step == Step::kWait) return;
  }
  asio::post(loop_.io, [self = shared_from_this(), id = ++wait_id_] {
    if (id == self->wait_id_) self->advance();
  });
}

Connection::Step Connection::wait(Tcp::socket::wait_type direction) {
  socket_.async_wait(direction, [self = shared_from_this(), id = ++wait_id_](const error_code&) {
    if (id == self->wait_id_) self->advance();
  });
  return Step::kWait;
}

// No byte was moved: the end of the stream is one reason, and then a request that was complete has had its answer.
Connection::Step Connection::wait_or_close(Moved::State state) {
  if (state == Moved::State::kWaitToRead) return wait(Tcp::socket::wait_read);
  if (state == Moved::State::kWaitToWrite) return wait(Tcp::socket::wait_write);
  close();
  return Step::kWait;
}

Connection::Step Connection::read() {
  pending_.erase(0, std::exchange(taken_, 0));
  if (pending_.empty() && pending_.capacity() > 4096) pending_ = {};  // an idle connection is to be small
  const auto got = receive(loop_.buffer());
  if (got.state != Moved::State::kSome) return wait_or_close(got.state);
  pending_.append(loop_.buffer().data(), got.bytes);
  is_fresh_ = true;
  return Step::kGoOn;
}

Connection::Step Connection::parse() {
  if (!std::exchange(is_started_, true)) deadline_ = after(state_.options.header_deadline_s);
  is_fresh_ = false;
  std::string_view bytes = std::string_view(pending_).substr(taken_);
  const auto reading = reader_.feed(bytes);
  taken_ = pending_.size() - bytes.size();
  if (incoming_ != nullptr) {
    pass_on(reading);
  } else if (reading == Reading::kDone) {
    answer();
  } else if (reading == Reading::kFailed) {
    refuse(reader_.failure());
  } else if (reading == Reading::kBody && std::exchange(reading_, reading) == Reading::kHeader) {
    deadline_ = after(state_.options.body_deadline_s);
    if (reader_.in_pieces()) answer_in_pieces();
    const bool is_wanted = phase_ == Phase::kReading || phase_ == Phase::kTakingPieces;
    if (is_wanted && reader_.expects_continue() && bytes.empty()) {
      (void)transmit("HTTP/1.1 100 Continue\r\n\r\n", {});
    }
  }
  return Step::kGoOn;
}

// The request for the entry; nothing where it was answered already.
std::optional<Request> Connection::take_request() {
  auto request = std::move(reader_.request());
  request.peer = peer_;
  const auto given_id = request.headers.get("X-Request-ID");
  request.id = given_id && is_request_id(*given_id) ? std::string(*given_id) : loop_.next_request_id();
  keep_alive_ = reader_.keep_alive() && !state_.is_stopping;
  if (!is_allowed_host(request)) {
    ++state_.refused;
    respond(request, error_response(421, "host", "this server does not answer for that Host"));
    return std::nullopt;
  }
  ++state_.requests;
  return request;
}

void Connection::answer() {
  auto request = take_request();
  if (!request) return;
  auto response = call_entry(*request);
  if (response.pending) return wait_for_answer(Phase::kAnswering, std::move(*request), response.pending);
  keep_alive_ = keep_alive_ && !state_.is_stopping;
  respond(*request, std::move(response));
}

// The header is there, the body is not: whoever answers takes it as it comes.
void Connection::answer_in_pieces() {
  auto request = take_request();
  if (!request) return;
  const auto incoming = std::make_shared<IncomingBody>();
  incoming->when_wanted([weak = loop_.weak_from_this(), self = weak_from_this()] {
    const auto loop = weak.lock();
    if (loop == nullptr) return;
    asio::post(loop->io, [self] {
      if (const auto connection = self.lock()) connection->body_wanted();
    });
  });
  reader_.request().body = std::exchange(request->body, {});  // its beginning
  request->incoming = incoming;
  auto response = call_entry(*request);
  request->incoming = nullptr;
  if (!response.pending || !incoming->is_read()) {
    keep_alive_ = false;
    if (response.pending) return wait_for_answer(Phase::kAnswering, std::move(*request), response.pending);
    return respond(*request, std::move(response));
  }
  incoming_ = incoming;
  is_held_ = false;
  wait_for_answer(Phase::kTakingPieces, std::move(*request), response.pending);
  pass_on(Reading::kBody);
}

// What the reader has found of a body goes to whoever takes it.
void Connection::pass_on(Reading reading) {
  auto& body = reader_.request().body;
  deadline_ = after(state_.options.body_deadline_s);
  if (!body.empty()) {
    is_held_ = !incoming_->pass(IncomingBody::Part::kPiece, body);
    body.clear();
    if (is_held_) deadline_ = after(state_.options.answer_deadline_s);
  }
  if (reading != Reading::kDone && reading != Reading::kFailed) return;
  is_held_ = false;
  phase_ = Phase::kAnswering;
  deadline_ = after(state_.options.answer_deadline_s);
  keep_alive_ = keep_alive_ && reading == Reading::kDone;
  const auto incoming = std::exchange(incoming_, nullptr);
  if (reading == Reading::kDone) {
    incoming->pass(IncomingBody::Part::kEnd, {});
  } else {
    incoming->pass(IncomingBody::Part::kBroken, {});
    ++answer_id_;  // what it answers is late
    asked_ = {};
    refuse(reader_.failure());
  }
}

void Connection::body_wanted() {
  if (phase_ != Phase::kTakingPieces || !std::exchange(is_held_, false)) return;
  deadline_ = after(state_.options.body_deadline_s);
  advance();
}

// Nothing is read meanwhile, so that answers keep the order of requests. Whoever answers may do so when the server has
// gone: the loop is held by nobody but the server, and is looked for first.
void Connection::wait_for_answer(Phase phase, Request request, const std::shared_ptr<PendingAnswer>& pending) {
  phase_ = phase;
  deadline_ = after(state_.options.answer_deadline_s);
  asked_ = std::move(request);
  pending->when_answered(
      [weak = loop_.weak_from_this(), self = weak_from_this(), id = ++answer_id_](Response response) {
        const auto loop = weak.lock();
        if (loop == nullptr) return;
        asio::post(loop->io, [self, id, given = std::move(response)]() mutable {
          if (const auto connection = self.lock()) connection->take_answer(id, std::move(given));
        });
      });
}

void Connection::take_answer(std::uint64_t answer_id, Response response) {
  if ((phase_ != Phase::kAnswering && phase_ != Phase::kTakingPieces) || answer_id != answer_id_) return;
  if (incoming_ != nullptr) {  // the rest of the body is not wanted
    keep_alive_ = false;
    std::exchange(incoming_, nullptr)->pass(IncomingBody::Part::kBroken, {});
    ++wait_id_;
    error_code ignored;
    socket_.cancel(ignored);
  }
  keep_alive_ = keep_alive_ && !state_.is_stopping;
  respond(std::exchange(asked_, {}), std::move(response));
  advance();
}

Response Connection::call_entry(Request& request) {
  try {
    return state_.entry(request);
  } catch (const std::exception& exception) {
    log_error("request {}: {} {}: {}", request.id, method_name(request.method), request.path, exception.what());
  } catch (...) {
    log_error("request {}: {} {}: unknown exception", request.id, method_name(request.method), request.path);
  }
  return error_response(500, "internal",
                        fmt::format("the server failed; its log has more under request {}", request.id));
}

bool Connection::is_allowed_host(const Request& request) const {
  const auto& allowed = state_.options.allowed_hosts;
  return allowed.empty() ||
         std::ranges::find(allowed, host_name(request.headers.get("Host").value_or(""))) != allowed.end();
}

// The stream cannot be read on: answer and close.
void Connection::refuse(Response response) {
  ++state_.refused;
  Request request;
  request.id = loop_.next_request_id();
  keep_alive_ = false;
  respond(request, std::move(response));
}

void Connection::respond(const Request& request, Response response) {
  file_.reset();
  if (response.file && response.status == 200) file_ = open_file(request, response);
  const bool sends_body = has_body(response.status) && request.method != Method::kHead;
  std::optional<std::int64_t> length;
  stream_ = sends_body ? std::move(response.stream) : nullptr;
  if (stream_ != nullptr) keep_alive_ = false;  // its end is the connection's
  if (has_body(response.status) && stream_ == nullptr)
    length = file_ ? file_->length : static_cast<std::int64_t>(response.body.size());
  write_head(request, response, length);
  body_ = sends_body ? std::move(response.body) : std::string();
  if (!sends_body) file_.reset();
  written_ = 0;
  phase_ = Phase::kWriting;
  deadline_ = after(state_.options.write_deadline_s);
  reader_.reset();
  reading_ = Reading::kHeader;
}

void Connection::write_head(const Request& request, const Response& response, std::optional<std::int64_t> length) {
  head_.clear();
  const auto field = [&](std::string_view name, std::string_view value) {
    head_.append(name).append(": ").append(value).append("\r\n");
  };
  fmt::format_to(std::back_inserter(head_), "HTTP/1.1 {} {}\r\n", response.status, status_text(response.status));
  field("Date", date_now());
  for (const auto& [name, value] : response.headers) {
    if ((name + value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      log_error("request {}: a header with a line break was left out of the answer", request.id);
      continue;
    }
    field(name, value);
  }
  if (length) field("Content-Length", std::to_string(*length));
  field("X-Request-ID", request.id);
  field("Connection", keep_alive_ ? "keep-alive" : "close");
  head_.append("\r\n");
}

void Connection::drain() {
  if (phase_ == Phase::kReading && !is_started_) close();
  if (phase_ == Phase::kStreaming) advance();  // a stream has no end of its own
}

void Connection::expire(TimePoint now) {
  if (now < deadline_ || phase_ == Phase::kClosed) return;
  if (phase_ == Phase::kAnswering || (phase_ == Phase::kTakingPieces && is_held_)) {
    log_error("request {}: no answer after {} s", asked_.id, state_.options.answer_deadline_s);
    take_answer(answer_id_, error_response(503, "unavailable", "the answer took too long: ask again"));
    return;
  }
  const bool is_taking = phase_ == Phase::kTakingPieces;
  if ((phase_ != Phase::kReading || !is_started_) && !is_taking) return close();
  if (is_taking) {
    std::exchange(incoming_, nullptr)->pass(IncomingBody::Part::kBroken, {});
    ++answer_id_;  // what it answers is late
    asked_ = {};
  }
  ++wait_id_;
  error_code ignored;
  socket_.cancel(ignored);
  refuse(error_response(
      408, "too_slow",
      fmt::format("the request was not complete after {} s",
                  reading_ == Reading::kBody ? state_.options.body_deadline_s : state_.options.header_deadline_s)));
  advance();
}

void Connection::close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  ++wait_id_;
  error_code ignored;
  socket_.close(ignored);
  file_.reset();
  if (stream_ != nullptr) std::exchange(stream_, nullptr)->close();
  if (incoming_ != nullptr) std::exchange(incoming_, nullptr)->pass(IncomingBody::Part::kBroken, {});
  loop_.remove(shared_from_this());
}

}  // namespace zhiyin::http
