// Bodies that come piece by piece, over real sockets.
#include "base/http/stream.h"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/http/client.h"
#include "base/http/server.h"

namespace zhiyin::http {
namespace {

// A server that gives every request a stream, and the streams it gave.
class Streaming : public ::testing::Test {
 protected:
  void start(std::size_t limit = 256 * 1024) {
    server_ =
        Server::start({.port = 0, .threads = 2, .idle_deadline_s = 0.2, .drain_deadline_s = 2}, [this, limit](
                                                                                                    const Request&) {
          const auto stream = std::make_shared<BodyStream>(limit);
          stream->send("hello\n");
          const std::scoped_lock lock(mutex_);
          streams_.push_back(stream);
          return Response{.headers = {{"Content-Type", "text/event-stream"}}, .stream = stream};
        }).value();
  }
  std::unique_ptr<Client> ask(const std::string& method = "GET") {
    auto client = Client::connect("127.0.0.1", server_->port(), {.timeout_s = 5}).value();
    EXPECT_TRUE(client->send(method + " / HTTP/1.1\r\nHost: x\r\n\r\n").ok());
    return client;
  }
  std::shared_ptr<BodyStream> stream(std::size_t i) {
    for (const Stopwatch watch; watch.seconds() < 5; std::this_thread::yield()) {
      const std::scoped_lock lock(mutex_);
      if (i < streams_.size()) return streams_[i];
    }
    return nullptr;
  }
  template <typename Condition>
  static bool comes_true(const Condition& condition) {
    for (const Stopwatch watch; watch.seconds() < 5; std::this_thread::yield()) {
      if (condition()) return true;
    }
    return false;
  }
  std::mutex mutex_;
  std::vector<std::shared_ptr<BodyStream>> streams_;
  std::unique_ptr<Server> server_;
};

TEST_F(Streaming, PiecesArriveInOrderUntilTheEnd) {
  start();
  const auto client = ask();
  const auto sent = stream(0);
  ASSERT_NE(sent, nullptr);
  std::string expected = "hello\n";
  for (int i = 0; i < 100; ++i) {
    const auto piece = "piece " + std::to_string(i) + "\n";
    EXPECT_TRUE(sent->send(piece));
    expected += piece;
  }
  sent->end();
  const auto answer = client->receive().value();
  EXPECT_EQ(answer.body, expected);
  EXPECT_EQ(answer.headers.get("Content-Type"), "text/event-stream");
  EXPECT_EQ(answer.headers.get("Connection"), "close");
  EXPECT_FALSE(answer.headers.has("Content-Length"));
  EXPECT_FALSE(sent->send("more"));
}

TEST_F(Streaming, LastsLongerThanAnIdleConnectionMay) {
  start();
  const auto client = ask();
  const auto sent = stream(0);
  ASSERT_NE(sent, nullptr);
  std::this_thread::sleep_for(std::chrono::milliseconds(400));
  EXPECT_TRUE(sent->send("still there"));
  sent->end();
  EXPECT_EQ(client->receive().value().body, "hello\nstill there");
}

TEST_F(Streaming, AClientThatGoesClosesIt) {
  start();
  auto client = ask();
  const auto sent = stream(0);
  ASSERT_NE(sent, nullptr);
  client.reset();
  EXPECT_TRUE(comes_true([&] { return !sent->is_open(); }));
  EXPECT_TRUE(comes_true([&] { return server_->counters().connections_open == 0; }));
}

TEST_F(Streaming, AClientThatDoesNotReadIsDropped) {
  start(64 * 1024);
  const auto client = ask();
  const auto sent = stream(0);
  ASSERT_NE(sent, nullptr);
  const std::string piece(16 * 1024, 'x');
  std::size_t bytes = 0;
  for (const Stopwatch watch; sent->send(piece) && watch.seconds() < 5;) bytes += piece.size();
  EXPECT_FALSE(sent->is_open());
  EXPECT_GT(bytes, 0U);
  EXPECT_TRUE(comes_true([&] { return server_->counters().connections_open == 0; }));
}

TEST_F(Streaming, AHeadHasNoBody) {
  start();
  const auto client = ask("HEAD");
  EXPECT_EQ(client->receive(Method::kHead).value().body, "");
}

TEST_F(Streaming, StopEndsIt) {
  start();
  auto client = ask();
  const auto sent = stream(0);
  ASSERT_NE(sent, nullptr);
  const Stopwatch watch;
  std::jthread stopper([&] { server_->stop(); });
  EXPECT_EQ(client->receive().value().body, "hello\n");
  client.reset();
  stopper.join();
  EXPECT_LT(watch.seconds(), 1.5) << "nobody waits for a stream's end";
  EXPECT_FALSE(sent->is_open());
  server_.reset();
  EXPECT_FALSE(sent->send("into the void"));
}

}  // namespace
}  // namespace zhiyin::http
