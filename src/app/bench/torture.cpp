// `bench torture`: a server that is killed with -9 in the middle of its work, again and again, and must not have lost
// anything it acknowledged, nor have logged anything twice.
#include <fmt/format.h>

#include <array>
#include <atomic>
#include <thread>
#include <unordered_map>

#include "app/bench/bench.h"
#include "app/bench/event_home.h"
#include "app/bench/own_server.h"
#include "base/http/client.h"
#include "base/random.h"
#include "state/bus/local/local_event_log.h"

namespace zhiyin {
namespace {

constexpr std::uint32_t kItems = 50;
constexpr std::size_t kClients = 8;
constexpr std::uint32_t kMostEvents = 20;    // of a request
constexpr std::size_t kFewestRequests = 20;  // acknowledged before it may be killed
constexpr std::uint32_t kLongestMs = 150;    // of work after that

// One client's requests until the server is gone: the ids it was told of.
void send_for_ever(int port, std::size_t client, std::size_t round, std::vector<std::string>& acknowledged,
                   std::atomic<std::size_t>& requests) {
  const auto connection = http::Client::connect("127.0.0.1", port);
  if (!connection.ok()) return;
  Random random(round * kClients + client);
  for (std::int64_t number = 0;; ++number) {
    std::vector<std::string> ids;
    std::string body = "[";
    const auto count = client % 2 == 0 ? 1 : 1 + random.below(kMostEvents);
    for (std::size_t i = 0; i < count; ++i) {
      ids.push_back(fmt::format("{}-{}-{}-{}", round, client, number, i));
      body += fmt::format(R"({}{{"id":"{}","type":"like","user":"u{}","item":"i{}"}})", i == 0 ? "" : ",", ids.back(),
                          client, random.below(kItems));
    }
    const auto answer = (*connection)->post("/v1/events", body + "]");
    if (!answer.ok()) return;
    const auto said = Json::parse(answer->body);
    if (!said.ok() || (*said)["accepted"].as_integer() != static_cast<std::int64_t>(count)) return;
    acknowledged.insert(acknowledged.end(), ids.begin(), ids.end());
    ++requests;
  }
}

struct Tally {
  std::int64_t acknowledged = 0;
  std::int64_t logged = 0;
  std::int64_t lost = 0;
  std::int64_t twice = 0;
};

Tally compare(const std::unordered_map<std::string, int>& logged, const std::vector<std::string>& acknowledged) {
  Tally tally;
  tally.acknowledged = static_cast<std::int64_t>(acknowledged.size());
  for (const auto& id : acknowledged) tally.lost += logged.contains(id) ? 0 : 1;
  for (const auto& [id, times] : logged) {
    ++tally.logged;
    tally.twice += times > 1 ? 1 : 0;
  }
  return tally;
}

Result<Json> run_torture(const BenchParams& params) {
  ZY_TRY(const auto folder, BenchFolder::make(params.text("dir")));
  const auto home = folder->path() / "home";
  ZY_CHECK_OK(make_bench_catalogue(home, kItems));
  std::vector<std::string> acknowledged;
  Tally tally;
  Random random(params.number("seed"));
  const auto rounds = params.number("rounds");
  for (std::size_t round = 0; round < rounds; ++round) {
    ZY_TRY(const auto victim, OwnServer::start(home));
    // What the server says after its replay is what the log holds.
    ZY_TRY(const auto client, http::Client::connect("127.0.0.1", victim->port()));
    ZY_TRY(const auto health, client->get("/healthz"));
    ZY_TRY(const auto said, Json::parse(health.body));
    if (said["events"].as_integer() != tally.logged) {
      return corrupt(fmt::format("round {}: the server replayed {} events, the log has {}", round,
                                 said["events"].as_integer(), tally.logged));
    }
    std::array<std::vector<std::string>, kClients> told;
    std::atomic<std::size_t> requests = 0;
    {
      std::vector<std::jthread> clients;
      for (std::size_t i = 0; i < kClients; ++i) {
        clients.emplace_back([&, i] { send_for_ever(victim->port(), i, round, told[i], requests); });
      }
      const Stopwatch watch;
      while (requests < kFewestRequests && watch.seconds() < 60) std::this_thread::yield();
      std::this_thread::sleep_for(std::chrono::milliseconds(random.below(kLongestMs)));
      victim->kill();
    }
    for (const auto& ids : told) acknowledged.insert(acknowledged.end(), ids.begin(), ids.end());

    ZY_TRY(const auto log, open_local_log(home / "events.db"));
    std::unordered_map<std::string, int> logged;
    ZY_CHECK_OK(log->replay(0, [&](const LoggedEvent& event) { ++logged[event.event.id]; }));
    tally = compare(logged, acknowledged);
    if (tally.lost > 0 || tally.twice > 0) {
      return corrupt(fmt::format("round {}: of {} acknowledged events {} are lost, {} are logged twice", round,
                                 tally.acknowledged, tally.lost, tally.twice));
    }
  }
  if (tally.acknowledged == 0) return internal("nothing was acknowledged, so nothing was shown");
  return Json::object({{"rounds", rounds},
                       {"acknowledged", tally.acknowledged},
                       {"logged", tally.logged},
                       {"lost", tally.lost},
                       {"twice", tally.twice}});
}

constexpr BenchFlag kFlags[] = {
    {"rounds", "how often the server is killed", "20", 1, 10'000},
    {"seed", "of the moments at which it is", "1", 0, 1e9},
    {"dir", "where the home lies for the while; empty for the system's temporary folder", ""},
};

}  // namespace

Bench torture_bench() {
  return {"torture", "kill -9 under load: nothing acknowledged may be lost", kFlags, run_torture};
}

}  // namespace zhiyin
