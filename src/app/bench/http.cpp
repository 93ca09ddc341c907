// What our server costs an answer, against the least that answers at all; many connections at work; many idle ones.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <thread>

#include "app/bench/bench.h"
#include "app/bench/http_load.h"
#include "app/bench/raw_epoll.h"
#include "app/serve/front.h"
#include "base/http/client.h"
#include "base/http/server.h"
#include "base/process.h"

namespace zhiyin {
namespace {

constexpr std::array kFlags = {
    BenchFlag{"connections", "at work while the cost of an answer is measured", "64", 1, 10'000},
    BenchFlag{"rounds", "of each server, by turns", "5", 1, 100},
    BenchFlag{"round_ms", "that a round lasts", "1000", 50, 60'000},
    BenchFlag{"many", "connections at work, all at once", "1000", 1, 20'000},
    BenchFlag{"many_s", "seconds that they are", "10", 1, 3600},
    BenchFlag{"idle", "connections that do nothing", "2000", 1, 20'000},
};
constexpr const char* kPath = "/v1/items/42";

// 250 bytes, built for each answer.
std::string make_body() {
  std::string body = R"({"id":"42","items":[)";
  for (int i = 0; i < 8; ++i)
    body += fmt::format(R"({}{{"id":"item{:04}","score":{:.4f}}})", i == 0 ? "" : ",", i * 37, 1.0 / (i + 1));
  return body + "]}";
}

double process_cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

double rss_bytes() {
  std::ifstream statm("/proc/self/statm");
  double pages = 0;
  statm >> pages >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

Result<void> allow_open_files(std::size_t wanted) {
  const auto allowed = raise_open_files();
  if (allowed >= wanted) return {};
  return invalid(fmt::format("{} open files are allowed, {} are needed: ulimit -n", allowed, wanted));
}

Result<void> check_answer(int port) {
  ZY_TRY(const auto client, http::Client::connect("127.0.0.1", port));
  for (int i = 0; i < 2; ++i) {
    ZY_TRY(const auto answer, client->get(kPath));
    if (answer.status != 200 || answer.body != make_body())
      return internal(fmt::format("the answer at port {} is wrong: {} {}", port, answer.status, answer.body));
  }
  return {};
}

struct Cost {
  std::vector<double> cpu_us;  // of the server an answer, by round
  std::vector<double> per_second;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// The process' time less the client's: the rest is the server's.
Result<void> measure(LoadClient& client, double seconds, Cost& cost) {
  const double before = process_cpu_seconds();
  const auto result = client.run(seconds, kPath, make_body());
  const double used = process_cpu_seconds() - before - result.cpu_s;
  if (result.errors > 0) return internal(fmt::format("{} answers were wrong or missing", result.errors));
  cost.cpu_us.push_back(1e6 * used / static_cast<double>(result.answers));
  cost.per_second.push_back(static_cast<double>(result.answers) / result.seconds);
  return {};
}

Result<Json> run(const BenchParams& params) {
  const auto idle = params.number("idle");
  const auto many = params.number("many");
  ZY_CHECK_OK(allow_open_files(2 * std::max(idle, many) + 2 * params.number("connections") + 256));
  http::Router router;
  router.add(http::Method::kGet, "/v1/items/{id}",
             [](const http::Request&) { return http::text_response(200, make_body(), "application/json"); });
  Front front({}, {}, std::make_shared<Recorder>(RecordOptions{}));  // numbers of each answer are kept, as by `serve`
  front.add_home("", std::move(router));
  ZY_TRY(const auto ours, http::Server::start({.port = 0, .threads = params.threads(), .max_connections = 50'000},
                                              [&](http::Request& request) { return front.handle(request); }));
  ZY_TRY(const auto raw, RawEpollServer::start(params.threads(), make_body));
  ZY_CHECK_OK(check_answer(ours->port()).in("ours"));
  ZY_CHECK_OK(check_answer(raw->port()).in("raw epoll"));

  Cost our_cost;
  Cost raw_cost;
  std::vector<double> ratios;
  ZY_TRY(auto to_ours, LoadClient::connect(ours->port(), params.number("connections")));
  ZY_TRY(auto to_raw, LoadClient::connect(raw->port(), params.number("connections")));
  {
    const double seconds = static_cast<double>(params.number("round_ms")) / 1e3;
    for (std::size_t r = 0; r < params.number("rounds"); ++r) {
      ZY_CHECK_OK(measure(to_ours, seconds, our_cost).in("ours"));
      ZY_CHECK_OK(measure(to_raw, seconds, raw_cost).in("raw epoll"));
      ratios.push_back(our_cost.cpu_us.back() / raw_cost.cpu_us.back());
    }
  }
  double per_idle = 0;
  LoadResult awake;
  {
    const double before = rss_bytes();
    ZY_TRY(auto sleepers, LoadClient::connect(ours->port(), idle));
    const auto all = static_cast<std::int64_t>(idle + params.number("connections"));
    while (ours->counters().connections_open < all) std::this_thread::yield();
    per_idle = (rss_bytes() - before) / static_cast<double>(idle);
    ZY_CHECK_OK(check_answer(ours->port()).in("beside the idle ones"));
    awake = sleepers.run(0, kPath, make_body());  // one answer each: they are alive
  }
  LoadResult busy;
  {
    ZY_TRY(auto client, LoadClient::connect(ours->port(), many));
    busy = client.run(static_cast<double>(params.number("many_s")), kPath, make_body());
  }
  return Json::object({{"cpu_us", median(our_cost.cpu_us)},
                       {"raw_epoll_cpu_us", median(raw_cost.cpu_us)},
                       {"cpu_ratio", median(ratios)},
                       {"per_second", median(our_cost.per_second)},
                       {"raw_epoll_per_second", median(raw_cost.per_second)},
                       {"many_answers", busy.answers},
                       {"many_errors", busy.errors},
                       {"idle_bytes_each", per_idle},
                       {"idle_answers", awake.answers},
                       {"idle_errors", awake.errors}});
}

}  // namespace

Bench http_bench() {
  return {"http", "the server over sockets of this machine: its cost against raw epoll, many and idle connections",
          kFlags, run};
}

}  // namespace zhiyin
