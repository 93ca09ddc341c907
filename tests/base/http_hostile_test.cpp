// Clients that mean harm or do not know better, over real sockets: each gets an answer or is closed, and others are
// served meanwhile.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/clock.h"
#include "base/http/client.h"
#include "base/http/server.h"
#include "base/process.h"
#include "base/random.h"

namespace zhiyin::http {
namespace {

std::unique_ptr<Server> serve(ServerOptions options) {
  options.port = 0;
  options.threads = 2;
  return Server::start(std::move(options),
                       [](const Request& request) {
                         return text_response(200, std::to_string(request.body.size()) + request.path, "text/plain");
                       })
      .value();
}

std::unique_ptr<Client> client_of(const Server& server, double timeout_s = 10) {
  return Client::connect("127.0.0.1", server.port(), {.timeout_s = timeout_s}).value();
}

bool is_alive(const Server& server) {
  const auto answer = client_of(server)->get("/alive");
  return answer.ok() && answer->status == 200;
}

// The status that is answered to these bytes, 0 where the connection is closed instead.
int answered(const Server& server, const std::string& bytes) {
  const auto client = client_of(server);
  (void)client->send(bytes);
  client->finish_sending();
  const auto answer = client->receive();
  return answer.ok() ? answer->status : 0;
}

TEST(HttpHostile, RandomBytesNeverGetMoreThanARefusal) {
  const auto server = serve({});
  Random random(7);
  const std::string start = "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 300; ++i) {
    std::string bytes = i % 3 == 0 ? start : i % 3 == 1 ? start.substr(0, random.below(40)) : "";
    for (auto left = random.below(400); left > 0; --left) bytes += static_cast<char>(random.below(256));
    const int status = answered(*server, bytes);
    EXPECT_TRUE(status == 0 || status == 400 || status == 501 || status == 505) << i << ": " << status;
  }
  EXPECT_EQ(server->counters().requests, 0);
  EXPECT_TRUE(is_alive(*server));
}

TEST(HttpHostile, ChunksThatOverflowOrNeverEndAreRefused) {
  const auto server = serve({.limits = {.header = 8192, .body = 1 << 20}});
  const std::string start = "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(answered(*server, start + "FFFFFFFFFFFFFFFFF\r\nx"), 400);
  EXPECT_EQ(answered(*server, start + "FFFFFFFFFFFFFFF0\r\nx"), 413);
  EXPECT_EQ(answered(*server, start + "5;" + std::string(200'000, 'e')), 400);
  EXPECT_EQ(answered(*server, start + "-1\r\nx"), 400);
  std::string many = start;
  for (int i = 0; i < 300; ++i) many += "1000\r\n" + std::string(4096, 'x') + "\r\n";
  EXPECT_EQ(answered(*server, many), 413) << "the limit holds for the sum of chunks";
  EXPECT_TRUE(is_alive(*server));
}

TEST(HttpHostile, TextThatIsNotUtf8IsRefusedInTheTarget) {
  const auto server = serve({});
  for (const auto* path : {"/%ff", "/a%C0%AF", "/?q=%ED%A0%80", "/%00", "/%", "/%zz"})
    EXPECT_EQ(answered(*server, fmt::format("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", path)), 400) << path;
  EXPECT_EQ(answered(*server, "GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
}

TEST(HttpHostile, AClientThatEndsInTheMiddleIsClosed) {
  const auto server = serve({});
  for (const auto* bytes :
       {"GET / HT", "GET / HTTP/1.1\r\nHost: x\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"})
    EXPECT_EQ(answered(*server, bytes), 0) << bytes;
  EXPECT_EQ(server->counters().requests, 0);
  EXPECT_TRUE(is_alive(*server));
}

// Answers wait in the client's own socket: nobody reads for it, so nobody answers it either.
TEST(HttpHostile, PipeliningWithoutReadingCostsNoMemory) {
  const auto server = serve({});
  const auto client = client_of(*server, 0.2);
  std::string requests;
  for (int i = 0; i < 2000; ++i) requests += "GET /" + std::string(2000, 'p') + " HTTP/1.1\r\nHost: x\r\n\r\n";
  std::int64_t sent = 0;
  while (sent < 200 && client->send(requests).ok()) ++sent;
  EXPECT_LT(sent, 200) << "the socket was full before 800 MB";
  EXPECT_LT(server->counters().requests, 2000 * (sent + 1));
  EXPECT_TRUE(is_alive(*server));
}

TEST(HttpHostile, OneByteAtATimeFromManyKeepsNobodyWaiting) {
  const auto server = serve({.header_deadline_s = 0.5});
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 200; ++i) slow.push_back(client_of(*server));
  const Stopwatch watch;
  while (watch.seconds() < 0.3) {
    for (const auto& client : slow) (void)client->send("A");
    EXPECT_TRUE(is_alive(*server));
  }
  for (const auto& client : slow) {
    const auto answer = client->receive();
    EXPECT_TRUE(answer.ok() && answer->status == 408);
  }
}

TEST(HttpHostile, ThousandsOfIdleConnectionsAreHeldAndOthersServed) {
  constexpr std::size_t kIdle = 2000;
  const auto files = raise_open_files();
  if (files < 2 * kIdle + 100) GTEST_SKIP() << "only " << files << " open files are allowed here";
  const auto server = serve({});
  std::vector<std::unique_ptr<Client>> idle;
  for (std::size_t i = 0; i < kIdle; ++i) idle.push_back(client_of(*server));
  const Stopwatch watch;
  while (server->counters().connections_open < static_cast<std::int64_t>(kIdle) && watch.seconds() < 10)
    std::this_thread::yield();
  EXPECT_EQ(server->counters().connections_open, static_cast<std::int64_t>(kIdle));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(is_alive(*server));
  for (std::size_t i = 0; i < kIdle; i += 100) EXPECT_EQ(idle[i]->get("/awake").value().status, 200);
}

}  // namespace
}  // namespace zhiyin::http
