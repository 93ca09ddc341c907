// The server over real sockets on this machine.
#include "base/http/server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/http/client.h"
#include "base/http/deferred.h"
#include "base/http/router.h"

namespace zhiyin::http {
namespace {

ServerOptions quick() {
  return {.port = 0, .threads = 2, .limits = {.header = 8192, .body = 1024 * 1024}, .drain_deadline_s = 1};
}

Response echo(const Request& request) {
  return json_response(200, Json::object({{"method", method_name(request.method)},
                                          {"path", request.path},
                                          {"bytes", request.body.size()},
                                          {"peer", request.peer}}));
}

std::unique_ptr<Server> serve(ServerOptions options = quick(), Entry entry = echo) {
  auto server = Server::start(std::move(options), std::move(entry));
  if (!server.ok()) ADD_FAILURE() << server.error().message;
  return std::move(server).value();
}

std::unique_ptr<Client> client_of(const Server& server, double timeout_s = 10) {
  return Client::connect("127.0.0.1", server.port(), {.timeout_s = timeout_s}).value();
}

// A door that handlers wait at.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  void arrive_and_wait() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return is_open_; });
  }
  void wait_for_arrival() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ > 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
  int arrived_ = 0;
};

TEST(HttpServer, AnswersManyRequestsOnOneConnection) {
  const auto server = serve();
  const auto client = client_of(*server);
  for (int i = 0; i < 3; ++i) {
    const auto response = client->post(fmt::format("/n/{}", i), std::string(static_cast<std::size_t>(i), 'x')).value();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, fmt::format(R"({{"method":"POST","path":"/n/{}","bytes":{},"peer":"127.0.0.1"}})", i, i));
    EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
    EXPECT_TRUE(response.headers.has("Date"));
  }
  EXPECT_EQ(server->counters().connections, 1);
  EXPECT_EQ(server->counters().requests, 3);
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  const auto server = serve();
  const auto client = client_of(*server);
  constexpr int kCount = 500;
  std::string requests;
  for (int i = 0; i < kCount; ++i) requests += fmt::format("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", i);
  ASSERT_TRUE(client->send(requests).ok());
  for (int i = 0; i < kCount; ++i) {
    EXPECT_EQ(Json::parse(client->receive().value().body).value()["path"].as_string(), fmt::format("/{}", i));
  }
}

TEST(HttpServer, TakesBodiesInChunksAndWithContinue) {
  const auto server = serve();
  const auto client = client_of(*server);
  ASSERT_TRUE(client->send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab").ok());
  ASSERT_TRUE(client->send("cde\r\n0\r\n\r\n").ok());
  EXPECT_EQ(Json::parse(client->receive().value().body).value()["bytes"].as_integer(), 5);

  // receive() passes over "100 Continue", so the body is sent only after some answer came: the timeout shows it.
  const std::string body(500'000, 'x');
  const auto response = client->request(Method::kPost, "/", body, {{"Expect", "100-continue"}}).value();
  EXPECT_EQ(Json::parse(response.body).value()["bytes"].as_integer(), 500'000);
}

TEST(HttpServer, ARequestMayComeOneByteAtATime) {
  const auto server = serve();
  const auto client = client_of(*server);
  for (const char c : std::string("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")) ASSERT_TRUE(client->send({&c, 1}).ok());
  EXPECT_EQ(client->receive().value().status, 200);
}

TEST(HttpServer, ClosesWhenTheClientAsksForIt) {
  const auto server = serve();
  for (const auto* text : {"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    const auto client = client_of(*server);
    ASSERT_TRUE(client->send(text).ok());
    EXPECT_EQ(client->receive().value().headers.get("Connection"), "close");
    EXPECT_TRUE(client->wait_for_close().ok());
  }
  const auto old = client_of(*server);
  ASSERT_TRUE(old->send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").ok());
  EXPECT_EQ(old->receive().value().headers.get("Connection"), "keep-alive");
  EXPECT_EQ(old->get("/again").value().status, 200);
}

TEST(HttpServer, AHalfClosedClientStillGetsItsAnswer) {
  const auto server = serve();
  const auto client = client_of(*server);
  ASSERT_TRUE(client->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").ok());
  client->finish_sending();
  EXPECT_EQ(client->receive().value().status, 200);
  EXPECT_TRUE(client->wait_for_close().ok());
}

TEST(HttpServer, HeadHasLengthButNoBody) {
  const auto server = serve();
  const auto client = client_of(*server);
  const auto response = client->request(Method::kHead, "/").value();
  EXPECT_EQ(response.body, "");
  EXPECT_NE(response.headers.get("Content-Length"), "0");
  EXPECT_EQ(client->get("/").value().status, 200);  // the stream is still in step
}

TEST(HttpServer, MalformedFramingIsRefusedAndTheConnectionClosed) {
  const auto server = serve();
  const std::string start = "POST / HTTP/1.1\r\nHost: x\r\n";
  const std::vector<std::pair<std::string, int>> probes = {
      {start + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {start + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
      {start + "Content-Length: -3\r\n\r\nabc", 400},
      {start + "Name : value\r\n\r\n", 400},
      {start + "A: " + std::string(64 * 1024, 'a') + "\r\n\r\n", 431},
      {start + "Content-Length: 1048577\r\n\r\n" + std::string(1048577, 'x'), 413},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"pipelined garbage\r\n\r\n", 400},
  };
  for (const auto& [bytes, status] : probes) {
    const auto client = client_of(*server);
    ASSERT_TRUE(client->send(bytes).ok());
    const auto response = client->receive();
    ASSERT_TRUE(response.ok()) << response.error().message << " for " << bytes.substr(0, 100);
    EXPECT_EQ(response->status, status) << bytes.substr(0, 100);
    EXPECT_TRUE(Json::parse(response->body).value()["error"].has("message"));
    EXPECT_TRUE(response->headers.has("X-Request-ID"));
    EXPECT_TRUE(client->wait_for_close().ok());
  }
  EXPECT_EQ(server->counters().refused, static_cast<std::int64_t>(probes.size()));
  EXPECT_EQ(server->counters().requests, 0);
}

TEST(HttpServer, GarbageBehindAGoodRequestIsRefusedAfterItsAnswer) {
  const auto server = serve();
  const auto client = client_of(*server);
  ASSERT_TRUE(client->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n\x01\x02garbage").ok());
  EXPECT_EQ(client->receive().value().status, 200);
  EXPECT_EQ(client->receive().value().status, 400);
  EXPECT_TRUE(client->wait_for_close().ok());
}

TEST(HttpServer, ASlowHeaderTimesOut) {
  auto options = quick();
  options.header_deadline_s = 0.2;
  const auto server = serve(options);
  const auto client = client_of(*server, 2);
  const Stopwatch watch;
  ASSERT_TRUE(client->send("GET / HTTP/1.1\r\nHost: x\r\nA: ").ok());
  const auto response = client->receive().value();
  EXPECT_EQ(response.status, 408);
  EXPECT_GE(watch.seconds(), 0.15);
  EXPECT_TRUE(client->wait_for_close().ok());
}

TEST(HttpServer, ADrippingHeaderGetsNoMoreTimeForItsDrips) {
  auto options = quick();
  options.header_deadline_s = 0.2;
  const auto server = serve(options);
  const auto client = client_of(*server, 0.02);
  const Stopwatch watch;
  auto response = Result<Response>(internal("none"));
  while (!response.ok() && watch.seconds() < 2) {
    if (!client->send("A").ok()) break;
    response = client->receive();  // waits 20 ms
  }
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 408);
}

TEST(HttpServer, ASlowBodyTimesOut) {
  auto options = quick();
  options.body_deadline_s = 0.2;
  const auto server = serve(options);
  const auto client = client_of(*server, 2);
  ASSERT_TRUE(client->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc").ok());
  EXPECT_EQ(client->receive().value().status, 408);
}

TEST(HttpServer, AnIdleConnectionIsClosedWithoutAWord) {
  auto options = quick();
  options.idle_deadline_s = 0.2;
  const auto server = serve(options);
  const auto client = client_of(*server, 2);
  EXPECT_EQ(client->get("/").value().status, 200);
  EXPECT_TRUE(client->wait_for_close().ok());
}

TEST(HttpServer, AClientThatDoesNotReadIsClosed) {
  auto options = quick();
  options.write_deadline_s = 0.2;
  const auto server = serve(
      options, [](const Request&) { return text_response(200, std::string(64 * 1024 * 1024, 'x'), "text/plain"); });
  const auto client = client_of(*server);
  ASSERT_TRUE(client->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").ok());
  const Stopwatch watch;
  while (server->counters().requests == 0 || server->counters().connections_open > 0) {
    ASSERT_LT(watch.seconds(), 5);
    std::this_thread::yield();
  }
  EXPECT_FALSE(client->receive().ok());
}

TEST(HttpServer, RequestsCarryAnId) {
  const auto server = serve();
  const auto client = client_of(*server);
  const auto first = client->get("/").value();
  const auto second = client->get("/").value();
  EXPECT_EQ(first.headers.get("X-Request-ID")->size(), 16U);
  EXPECT_NE(first.headers.get("X-Request-ID"), second.headers.get("X-Request-ID"));
  EXPECT_EQ(client->get("/", {{"X-Request-ID", "abc-1"}})->headers.get("X-Request-ID"), "abc-1");
  EXPECT_NE(client->get("/", {{"X-Request-ID", "a b\"<x>"}})->headers.get("X-Request-ID"), "a b\"<x>");
}

TEST(HttpServer, AHandlerThatThrowsIsA500) {
  const auto server = serve(quick(), [](const Request&) -> Response { throw std::runtime_error("secret"); });
  const auto client = client_of(*server);
  const auto response = client->get("/").value();
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  EXPECT_EQ(client->get("/").value().status, 500);  // the connection lives on
}

TEST(HttpServer, AHeaderCannotBeSplitByItsValue) {
  const auto server = serve(quick(), [](const Request&) {
    auto response = text_response(200, "ok", "text/plain");
    response.headers.add("X-Title", "a\r\nSet-Cookie: b");
    return response;
  });
  const auto response = client_of(*server)->get("/").value();
  EXPECT_FALSE(response.headers.has("X-Title"));
  EXPECT_FALSE(response.headers.has("Set-Cookie"));
}

TEST(HttpServer, OnlyAllowedHostsAreAnswered) {
  auto options = quick();
  options.allowed_hosts = {"localhost", "127.0.0.1", "[::1]"};
  const auto server = serve(options);
  const auto ask = [&](std::string_view host) {
    const auto client = client_of(*server);
    EXPECT_TRUE(client->send(fmt::format("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", host)).ok());
    return client->receive().value().status;
  };
  EXPECT_EQ(ask("localhost:8080"), 200);
  EXPECT_EQ(ask("LOCALHOST"), 200);
  EXPECT_EQ(ask("[::1]:80"), 200);
  EXPECT_EQ(ask("evil.example"), 421);
  EXPECT_EQ(ask("localhost.evil.example"), 421);
}

TEST(HttpServer, ConnectionsOverTheLimitAreTurnedAway) {
  auto options = quick();
  options.max_connections = 2;
  const auto server = serve(options);
  const auto one = client_of(*server);
  const auto two = client_of(*server);
  EXPECT_EQ(one->get("/").value().status, 200);
  EXPECT_EQ(two->get("/").value().status, 200);
  EXPECT_EQ(client_of(*server)->receive().value().status, 503);
  EXPECT_EQ(one->get("/").value().status, 200);
}

TEST(HttpServer, APortInUseIsNamedWithItsFix) {
  const auto server = serve();
  auto options = quick();
  options.port = server->port();
  const auto second = Server::start(options, echo);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
  EXPECT_NE(second.error().message.find(std::to_string(options.port)), std::string::npos);
  EXPECT_NE(second.error().message.find("choose another port"), std::string::npos);
}

TEST(HttpServer, RefusesAddressesThatAreNone) {
  EXPECT_FALSE(Server::start({.address = "example", .port = 0}, echo).ok());
  EXPECT_FALSE(Server::start({.port = 70000}, echo).ok());
}

TEST(HttpServer, ServesManyClientsAtOnce) {
  const auto server = serve();
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        const auto client = client_of(*server);
        for (int i = 0; i < 200; ++i) {
          const auto path = fmt::format("/{}/{}", t, i);
          const auto response = client->get(path);
          if (response.ok() && Json::parse(response->body).value()["path"].as_string() == path) ++good;
        }
      });
    }
  }
  EXPECT_EQ(good, 8 * 200);
  EXPECT_EQ(server->counters().connections, 8);
}

TEST(HttpServer, StopLetsARequestInFlightFinish) {
  Gate gate;
  const auto server = serve(quick(), [&](const Request&) {
    gate.arrive_and_wait();
    return text_response(200, std::string(8 * 1024 * 1024, 'x'), "text/plain");
  });
  const auto idle = client_of(*server);
  const auto busy = client_of(*server);
  ASSERT_TRUE(busy->send("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n").ok());
  gate.wait_for_arrival();
  std::jthread stopper([&] { server->stop(); });
  EXPECT_TRUE(idle->wait_for_close().ok());
  gate.open();
  const auto response = busy->receive();
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->body.size(), 8U * 1024 * 1024);
  EXPECT_EQ(response->headers.get("Connection"), "close");
  EXPECT_FALSE(busy->receive().ok());  // the second had not begun
  stopper.join();
  EXPECT_FALSE(Client::connect("127.0.0.1", server->port()).ok());
}

TEST(HttpServer, StopDoesNotWaitForClientsForEver) {
  auto options = quick();
  options.drain_deadline_s = 0.2;
  const auto server = serve(options);
  const auto client = client_of(*server);
  ASSERT_TRUE(client->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc").ok());
  while (server->counters().connections_open == 0) std::this_thread::yield();
  const Stopwatch watch;
  server->stop();
  server->stop();  // once more is not an error
  EXPECT_LT(watch.seconds(), 2);
}

// Handlers that leave their answers here, to be given when the test says so.
class Later {
 public:
  Entry entry() {
    return [this](const Request& request) {
      const std::lock_guard lock(mutex_);
      waiting_.push_back({request.path, Deferred()});
      changed_.notify_all();
      return waiting_.back().second.response();
    };
  }
  // The answers asked for, once there are `count`; the caller has them alone from here on.
  std::vector<std::pair<std::string, Deferred>> take(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.size() >= count; });
    return std::exchange(waiting_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<std::string, Deferred>> waiting_;
};

Response said(std::string text) { return text_response(200, std::move(text), "text/plain"); }

TEST(HttpServer, ADeferredAnswerHoldsUpItsOwnConnectionOnly) {
  auto options = quick();
  options.threads = 1;
  Later later;
  const auto server = serve(options, [defer = later.entry()](Request& request) {
    return request.path == "/now" ? said("now") : defer(request);
  });
  const auto slow = client_of(*server);
  const auto quick_one = client_of(*server);
  ASSERT_TRUE(slow->send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").ok());
  auto waiting = later.take(1);
  EXPECT_EQ(quick_one->get("/now").value().body, "now");
  waiting[0].second.answer(said("later"));
  const auto response = slow->receive().value();
  EXPECT_EQ(response.body, "later");
  EXPECT_TRUE(response.headers.has("X-Request-ID"));
  EXPECT_EQ(slow->get("/now").value().body, "now") << "the connection goes on";
}

TEST(HttpServer, DeferredAnswersKeepTheOrderOfPipelinedRequests) {
  Later later;
  const auto server = serve(quick(), [defer = later.entry()](Request& request) {
    return request.path == "/now" ? said("now") : defer(request);
  });
  const auto client = client_of(*server);
  ASSERT_TRUE(client
                  ->send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /now HTTP/1.1\r\nHost: x\r\n\r\n"
                         "GET /3 HTTP/1.1\r\nHost: x\r\n\r\n")
                  .ok());
  for (const auto* path : {"/1", "/3"}) {
    const auto waiting = later.take(1);
    ASSERT_EQ(waiting.size(), 1U) << "the next request begins after the answer before it";
    EXPECT_EQ(waiting[0].first, path);
    waiting[0].second.answer(said(path));
    EXPECT_EQ(client->receive().value().body, path);
    if (path == std::string_view("/1")) {
      EXPECT_EQ(client->receive().value().body, "now");
    }
  }
}

TEST(HttpServer, AnAnswerMayBeThereBeforeTheHandlerReturns) {
  const auto server = serve(quick(), [](const Request&) {
    const Deferred at_once;
    at_once.answer(said("first"));
    at_once.answer(said("second"));
    return at_once.response();
  });
  EXPECT_EQ(client_of(*server)->get("/").value().body, "first");
}

TEST(HttpServer, ADroppedAnswerIsA500) {
  const auto server = serve(quick(), [](const Request&) { return Deferred().response(); });
  EXPECT_EQ(client_of(*server)->get("/").value().status, 500);
}

TEST(HttpServer, AnAnswerForAClientThatHasGoneIsHeardByNobody) {
  Later later;
  const auto server = serve(quick(), later.entry());
  {
    const auto client = client_of(*server);
    ASSERT_TRUE(client->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").ok());
    later.take(1)[0].second.answer(said(std::string(1 << 20, 'x')));  // more than the socket takes
    ASSERT_TRUE(client->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").ok());
    ASSERT_TRUE(client->receive().ok());
  }
  later.take(1)[0].second.answer(said(std::string(32 << 20, 'x')));
  const auto other = client_of(*server);
  ASSERT_TRUE(other->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").ok());
  later.take(1)[0].second.answer(said("well"));
  EXPECT_EQ(other->receive().value().body, "well");
}

TEST(HttpServer, AnAnswerThatDoesNotComeIsA503AndComesToNothingLater) {
  auto options = quick();
  options.answer_deadline_s = 0.3;
  options.header_deadline_s = 0.3;  // the shortest deadline sets how often they are looked at
  Later later;
  const auto server = serve(options, later.entry());
  const auto client = client_of(*server);
  EXPECT_EQ(client->get("/1").value().status, 503);
  ASSERT_TRUE(client->send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n").ok());
  const auto waiting = later.take(2);
  waiting[0].second.answer(said("too late"));
  waiting[1].second.answer(said("in time"));
  EXPECT_EQ(client->receive().value().body, "in time");
}

TEST(HttpServer, StopLetsADeferredAnswerArrive) {
  Later later;
  const auto server = serve(quick(), later.entry());
  auto client = client_of(*server);
  ASSERT_TRUE(client->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").ok());
  const auto waiting = later.take(1);
  std::jthread stopper([&] { server->stop(); });
  while (Client::connect("127.0.0.1", server->port()).ok()) std::this_thread::yield();
  waiting[0].second.answer(said("the last"));
  const auto response = client->receive().value();
  EXPECT_EQ(response.body, "the last");
  EXPECT_EQ(response.headers.get("Connection"), "close");
  client.reset();
}

TEST(HttpServer, AnAnswerMayComeAfterTheServerHasGone) {
  auto options = quick();
  options.drain_deadline_s = 0.1;
  Later later;
  auto server = serve(options, later.entry());
  const auto client = client_of(*server);
  ASSERT_TRUE(client->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").ok());
  const auto waiting = later.take(1);
  server.reset();
  waiting[0].second.answer(said("nobody hears it"));
  EXPECT_FALSE(client->receive().ok());
}

TEST(HttpServer, ManyDeferredAnswersFindTheirClients) {
  Later later;
  const auto server = serve(quick(), later.entry());
  constexpr std::size_t kClients = 32;
  std::vector<std::unique_ptr<Client>> clients;
  for (int round = 0; round < 5; ++round) {
    for (std::size_t i = 0; i < kClients; ++i) {
      if (round == 0) clients.push_back(client_of(*server));
      ASSERT_TRUE(clients[i]->send(fmt::format("GET /{}/{} HTTP/1.1\r\nHost: x\r\n\r\n", round, i)).ok());
    }
    const auto waiting = later.take(kClients);
    for (const auto& [path, answer] : waiting) answer.answer(said(path));
    for (std::size_t i = 0; i < kClients; ++i)
      EXPECT_EQ(clients[i]->receive().value().body, fmt::format("/{}/{}", round, i));
  }
}

TEST(HttpServer, WhatFailsForNowIsSaidWithAStatusThatSaysSo) {
  const auto busy = error_response(Error{ErrorCode::kBusy, "later", {}});
  EXPECT_EQ(busy.status, 429);
  EXPECT_EQ(busy.headers.get("Retry-After"), "1");
  EXPECT_EQ(error_response(Error{ErrorCode::kUnavailable, "later", {}}).status, 503);
  EXPECT_EQ(error_response(Error{ErrorCode::kNoSpace, "full", {}}).status, 507);
}

TEST(HttpServer, RoutesThroughARouter) {
  Router router;
  router.add(Method::kGet, "/v1/items/{id}/similar", [](const Request& request) {
    return json_response(200, Json(request.path_parameters.get("id").value()));
  });
  const auto server = serve(quick(), [&](Request& request) { return router.handle(request); });
  const auto client = client_of(*server);
  EXPECT_EQ(client->get("/v1/items/a%2F%E7%9F%A5%E9%9F%B3/similar").value().body, "\"a/知音\"");
  EXPECT_EQ(client->post("/v1/items/x/similar", "").value().status, 405);
  EXPECT_EQ(client->get("/v1/items/x").value().status, 404);
}

}  // namespace
}  // namespace zhiyin::http
