// `bench ingest`: how many events a second become durable, from clients that each wait for their answer before they
// send the next batch. The log is read back before anything is reported.
#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <span>
#include <thread>

#include "app/bench/bench.h"
#include "app/bench/event_home.h"
#include "app/operate/home.h"
#include "app/serve/routes.h"
#include "base/http/client.h"
#include "base/http/server.h"
#include "base/measure/machine.h"

namespace zhiyin {
namespace {

constexpr std::size_t kItems = 10'000;
constexpr int kProbes = 200;

struct Load {
  std::size_t batch;
  std::size_t clients;
  double seconds;
  BenchIds ids;
};

// What one client has been told.
struct Client {
  std::size_t number = 0;
  std::int64_t sent = 0;
  std::int64_t acknowledged = 0;
  std::string fault;
  std::vector<double> waits_s;  // of each batch
};

std::vector<Event> next_batch(Client& client, const Load& load) {
  std::vector<Event> events;
  events.reserve(load.batch);
  for (std::size_t i = 0; i < load.batch; ++i) {
    events.push_back(bench_event(client.number, client.sent++, kItems, load.ids));
  }
  return events;
}

// The clients of one process: one thread makes the batches of all, and each is sent as its client hears of the last.
void load_api(Service& service, const Load& load, std::vector<Client>& clients) {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Client*> ready;
  std::size_t under_way = 0;
  for (auto& client : clients) ready.push_back(&client);
  const Stopwatch watch;
  std::unique_lock lock(mutex);
  for (;;) {
    changed.wait(lock, [&] { return !ready.empty() || (under_way == 0 && watch.seconds() >= load.seconds); });
    if (ready.empty() || watch.seconds() >= load.seconds) {
      changed.wait(lock, [&] { return under_way == 0; });
      return;
    }
    auto* client = ready.front();
    ready.pop_front();
    ++under_way;
    lock.unlock();
    auto events = next_batch(*client, load);
    const Stopwatch wait;
    service.ingest().events_later(std::move(events), [&, client, wait](const Result<Appended>& appended) {
      const std::lock_guard guard(mutex);
      client->waits_s.push_back(wait.seconds());
      if (appended.ok()) {
        client->acknowledged += appended->accepted;
        ready.push_back(client);
      } else {
        client->fault = appended.error().message;
      }
      --under_way;
      changed.notify_one();
    });
    lock.lock();
  }
}

std::string body_of(const std::vector<Event>& events) {
  std::string body = "[";
  for (const auto& event : events) {
    if (body.size() > 1) body += ',';
    fmt::format_to(std::back_inserter(body), R"({{"type":"view","user":"{}","item":"{}","value":0.5,"time":{})",
                   event.user.value, event.item.value, event.time);
    if (!event.id.empty()) fmt::format_to(std::back_inserter(body), R"(,"id":"{}")", event.id);
    body += '}';
  }
  return body + "]";
}

std::string request_of(const std::string& body) {
  return fmt::format("POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
}

// Connections of one thread: each sends, then each hears, so that all of them have a request under way.
void load_connections(int port, const Load& load, std::span<Client> clients) {
  std::vector<std::unique_ptr<http::Client>> connections;
  for (auto& client : clients) {
    auto connection = http::Client::connect("127.0.0.1", port);
    if (!connection.ok()) {
      client.fault = connection.error().message;
      return;
    }
    connections.push_back(std::move(*connection));
  }
  const Stopwatch watch;
  std::vector<Stopwatch> waits(clients.size());
  const auto send = [&](std::size_t i) {
    const auto request = request_of(body_of(next_batch(clients[i], load)));
    waits[i] = Stopwatch();
    return connections[i]->send(request);
  };
  for (std::size_t i = 0; i < clients.size(); ++i) (void)send(i);
  for (bool is_over = false; !is_over;) {
    is_over = watch.seconds() >= load.seconds;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const auto answer = connections[i]->receive(http::Method::kPost);
      if (!answer.ok() || answer->status != 200) {
        clients[i].fault = answer.ok() ? answer->body : answer.error().message;
        return;
      }
      clients[i].waits_s.push_back(waits[i].seconds());
      const auto said = Json::parse(answer->body);
      if (said.ok()) clients[i].acknowledged += (*said)["accepted"].as_integer();
      if (!is_over) (void)send(i);
    }
  }
}

Result<void> load_http(Service& service, const Load& load, std::vector<Client>& clients) {
  const auto router = make_routes(service, {});
  ZY_TRY(const auto server,
         http::Server::start({.port = 0}, [&](http::Request& request) { return router.handle(request); }));
  const std::size_t half = (clients.size() + 1) / 2;
  {
    std::vector<std::jthread> threads;
    for (std::size_t begin = 0; begin < clients.size(); begin += half) {
      const auto part = std::span(clients).subspan(begin, std::min(half, clients.size() - begin));
      threads.emplace_back([&, part] { load_connections(server->port(), load, part); });
    }
  }
  return {};
}

// Every acknowledged event is in the log, once and in order. Events that were sent and not acknowledged may be too.
Result<std::int64_t> check_log(const EventLog& log, const std::vector<Client>& clients) {
  ZY_TRY(const auto logged, count_bench_events(log, clients.size()));
  std::int64_t acknowledged = 0;
  for (const auto& client : clients) {
    if (!client.fault.empty()) return internal(fmt::format("client {}: {}", client.number, client.fault));
    if (logged[client.number] < client.acknowledged) {
      return corrupt(fmt::format("client {} was told of {} events, the log has {}", client.number, client.acknowledged,
                                 logged[client.number]));
    }
    acknowledged += client.acknowledged;
  }
  return acknowledged;
}

Result<Json> run_ingest(const BenchParams& params) {
  ZY_TRY(const auto ids, bench_ids(params.text("ids")));
  const Load load{params.number("batch"), params.number("clients"), static_cast<double>(params.number("seconds")), ids};
  ZY_TRY(const auto folder, BenchFolder::make(params.text("dir")));
  ZY_CHECK_OK(make_bench_catalogue(folder->path() / "home", kItems));
  ZY_TRY(auto home, open_home(folder->path() / "home", HomeMode::kMustExist));
  const SystemClock clock;
  ZY_TRY(const auto service, Service::start(std::move(home), clock, {}));

  DiskProbe probe(folder->path());
  std::vector<double> syncs_s;
  for (int i = 0; i < kProbes; ++i) syncs_s.push_back(probe.seconds());
  std::vector<Client> clients(load.clients);
  for (std::size_t i = 0; i < clients.size(); ++i) clients[i].number = i;
  const Meter meter;
  if (params.text("via") == "http") {
    ZY_CHECK_OK(load_http(*service, load, clients));
  } else {
    load_api(*service, load, clients);
  }
  const auto cost = meter.stop();
  for (int i = 0; i < kProbes; ++i) syncs_s.push_back(probe.seconds());
  ZY_TRY(const auto acknowledged, check_log(*service->home().log, clients));

  std::vector<double> waits_s;
  for (const auto& client : clients) waits_s.insert(waits_s.end(), client.waits_s.begin(), client.waits_s.end());
  return Json::object(
      {{"events_per_s", static_cast<double>(acknowledged) / cost.wall_s},
       {"events", acknowledged},
       {"ack_p50_ms", percentile_ms(waits_s, 0.5)},
       {"ack_p99_ms", percentile_ms(waits_s, 0.99)},
       {"fdatasync_p50_ms", percentile_ms(syncs_s, 0.5)},
       {"fdatasync_p99_ms", percentile_ms(syncs_s, 0.99)},
       {"cpu_us_per_event", 1e6 * cost.cpu_s / static_cast<double>(std::max<std::int64_t>(1, acknowledged))},
       {"peak_rss_mib", cost.peak_rss_mib}});
}

constexpr BenchFlag kFlags[] = {
    {"batch", "events of one request", "1000", 1, 10'000},
    {"clients", "clients, each waiting for its answer before it sends again", "16", 1, kMostBenchClients},
    {"seconds", "how long", "5", 1, 600},
    {"ids", "none, sequential or random: the events' ids, by which repeats are recognised", "sequential"},
    {"via", "api: in this process; http: over connections of its own", "api"},
    {"dir", "where the home lies for the while; empty for the system's temporary folder", ""},
};

}  // namespace

Bench ingest_bench() {
  return {"ingest", "how many events a second become durable, and how long each waits", kFlags, run_ingest};
}

}  // namespace zhiyin
