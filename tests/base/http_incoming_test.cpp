// Bodies that are read piece by piece, over real sockets.
#include "base/http/incoming_body.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/clock.h"
#include "base/http/client.h"
#include "base/http/deferred.h"
#include "base/http/server.h"

namespace zhiyin::http {
namespace {

using Part = IncomingBody::Part;

// A server with room for 100 bytes of a body, which reads those of /in in pieces.
class Incoming : public ::testing::Test {
 protected:
  // take: what becomes of a part; null: nothing is read.
  void start(std::function<bool(const Deferred&, Part, std::string_view)> take) {
    ServerOptions options{.port = 0, .threads = 1, .limits = {.body = 100}, .drain_deadline_s = 1};
    options.in_pieces = [](const Request& request) { return request.path == "/in"; };
    server_ =
        Server::start(options, [this, take](Request& request) {
          if (request.incoming == nullptr) return text_response(200, "whole " + request.body, "text/plain");
          if (!take) return text_response(401, "no", "text/plain");
          const Deferred later;
          {
            const std::scoped_lock lock(mutex_);
            body_ = request.incoming;
          }
          request.incoming->read([later, take](Part part, std::string_view bytes) { return take(later, part, bytes); });
          return later.response();
        }).value();
    client_ = Client::connect("127.0.0.1", server_->port(), {.timeout_s = 10}).value();
  }
  void count_bytes() {
    start([this](const Deferred& later, Part part, std::string_view bytes) {
      taken_ += bytes.size();
      if (part == Part::kEnd) later.answer(text_response(200, fmt::format("{} bytes", taken_.load()), "text/plain"));
      return true;
    });
  }
  void go_on() {
    const std::scoped_lock lock(mutex_);
    if (const auto body = body_.lock()) body->go_on();
  }
  template <typename Condition>
  static bool comes_true(const Condition& condition) {
    for (const Stopwatch watch; watch.seconds() < 5; std::this_thread::yield()) {
      if (condition()) return true;
    }
    return false;
  }

  std::mutex mutex_;
  std::weak_ptr<IncomingBody> body_;
  std::atomic<std::size_t> taken_{0};
  std::unique_ptr<Server> server_;
  std::unique_ptr<Client> client_;
};

TEST_F(Incoming, ABodyAboveTheLimitIsTakenAndTheConnectionServesOn) {
  count_bytes();
  const std::string body(1'000'000, 'x');
  EXPECT_EQ(client_->post("/in", body).value().body, "1000000 bytes");
  EXPECT_EQ(client_->post("/else", "small").value().body, "whole small");
}

TEST_F(Incoming, AnnouncedInChunksToo) {
  count_bytes();
  std::string sent = "POST /in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  ASSERT_TRUE(client_->send(sent).ok());
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(client_->send("64\r\n" + std::string(100, 'x') + "\r\n").ok());
  ASSERT_TRUE(client_->send("0\r\n\r\n").ok());
  EXPECT_EQ(client_->receive().value().body, "100000 bytes");
}

TEST_F(Incoming, OtherBodiesKeepTheirLimit) {
  count_bytes();
  EXPECT_EQ(client_->post("/else", std::string(101, 'x')).value().status, 413);
  const auto second = Client::connect("127.0.0.1", server_->port()).value();
  ASSERT_TRUE(second->send("POST /else HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n").ok());
  EXPECT_EQ(second->receive().value().status, 413);
}

TEST_F(Incoming, NothingIsReadUntilThereIsRoom) {
  std::atomic<int> calls{0};
  std::atomic<bool> has_room{false};
  start([&](const Deferred& later, Part part, std::string_view) {
    ++calls;
    if (part == Part::kEnd) later.answer(text_response(200, "all", "text/plain"));
    return has_room.load();
  });
  std::thread sender([&] { EXPECT_EQ(client_->post("/in", std::string(20'000'000, 'x')).value().body, "all"); });
  EXPECT_TRUE(comes_true([&] { return calls == 1; }));
  const auto other = Client::connect("127.0.0.1", server_->port()).value();
  EXPECT_EQ(other->post("/else", "x").value().body, "whole x");  // the loop, of which there is one, has gone on
  EXPECT_EQ(calls, 1);
  has_room = true;
  go_on();
  sender.join();
  EXPECT_GT(calls, 100);
}

TEST_F(Incoming, AnEarlyAnswerIsHeardAndEndsTheConnection) {
  start([](const Deferred& later, Part part, std::string_view) {
    if (part == Part::kPiece) later.answer(text_response(507, "full", "text/plain"));
    return false;
  });
  ASSERT_TRUE(client_->send("POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nsome").ok());
  const auto answer = client_->receive().value();
  EXPECT_EQ(answer.status, 507);
  EXPECT_EQ(answer.headers.get("Connection"), "close");
}

TEST_F(Incoming, WhoDoesNotReadAnswersAtOnce) {
  start(nullptr);
  ASSERT_TRUE(
      client_->send("POST /in HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n").ok());
  const auto answer = client_->receive().value();
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.headers.get("Connection"), "close");
}

TEST_F(Incoming, AClientThatGoesOrSendsNoHttpBreaksTheBody) {
  std::atomic<int> broken{0};
  start([&](const Deferred&, Part part, std::string_view) {
    if (part == Part::kBroken) ++broken;
    return true;
  });
  ASSERT_TRUE(client_->send("POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nsome").ok());
  EXPECT_TRUE(comes_true([&] { return server_->counters().requests == 1; }));
  client_.reset();
  EXPECT_TRUE(comes_true([&] { return broken == 1; }));
  client_ = Client::connect("127.0.0.1", server_->port()).value();
  ASSERT_TRUE(client_->send("POST /in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n").ok());
  EXPECT_TRUE(comes_true([&] { return server_->counters().requests == 2; }));
  ASSERT_TRUE(client_->send("no chunk\r\n").ok());
  EXPECT_EQ(client_->receive().value().status, 400);
  EXPECT_EQ(broken, 2);
}

}  // namespace
}  // namespace zhiyin::http
