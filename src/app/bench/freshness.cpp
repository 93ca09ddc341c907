// `bench freshness`: how soon the next answer knows what was just done, while others keep the log busy.
//
// One visitor asks for a slate, likes its first item over HTTP, and asks again until the answer no longer proposes that
// item. Before each round the same thread measures the disk's own fdatasync (DiskProbe) beside the home, so that both
// are of the same file system, the same moment and the same load. A post passes six threads on its way and the probe
// one, so where others want the cores too the ratio is the scheduler's: for how much of the time somebody waited for a
// core, in any process of the machine, stands beside it.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include "app/bench/bench.h"
#include "app/bench/event_home.h"
#include "app/operate/home.h"
#include "app/serve/routes.h"
#include "base/http/client.h"
#include "base/http/server.h"
#include "domain/user.h"

namespace zhiyin {
namespace {

constexpr std::size_t kItems = 2'000;
constexpr int kLikesOfOne = 200;  // then the next visitor comes

// Microseconds so far in which somebody waited for a core; nothing where the kernel does not tell (PSI).
std::optional<double> waited_for_a_core_us() {
  std::ifstream pressure("/proc/pressure/cpu");
  std::string line;
  std::getline(pressure, line);
  const auto total = line.find("total=");
  if (!line.starts_with("some") || total == std::string::npos) return std::nullopt;
  return std::strtod(line.c_str() + total + 6, nullptr);
}

struct Times {
  std::vector<double> post_to_ack_s, ack_to_answer_s, post_to_answer_s, syncs_s;
};

// Events of everybody else: `rate` a second, a few at a time, whatever becomes of them.
void disturb(Service& service, std::size_t rate, const std::stop_token& stop, std::atomic<std::int64_t>& logged) {
  constexpr double kPeriod = 0.001;
  const Stopwatch watch;
  std::int64_t sent = 0;
  while (!stop.stop_requested()) {
    const auto due = static_cast<std::int64_t>(watch.seconds() * static_cast<double>(rate));
    std::vector<Event> events;
    while (sent < due) events.push_back(bench_event(0, sent++, kItems, BenchIds::kSequential));
    if (!events.empty()) {
      service.ingest().events_later(std::move(events), [&](const Result<Appended>& appended) {
        if (appended.ok()) logged += appended->accepted;
      });
    }
    std::this_thread::sleep_for(std::chrono::duration<double>(kPeriod));
  }
}

Result<void> one_round(Service& service, http::Client& client, DiskProbe& probe, const UserId& visitor, Times& times) {
  Request request;
  request.user = visitor;
  request.count = 10;
  ZY_TRY(const auto before, service.recommender().recommend(request));
  if (before.items.empty()) return internal("an empty slate");
  const auto liked = before.items.front().item;
  times.syncs_s.push_back(probe.seconds());

  const auto body = fmt::format(R"([{{"type":"like","user":"{}","item":"{}","recommendation":"{}"}}])", visitor.value,
                                liked.value, before.recommendation);
  const Stopwatch since_post;
  ZY_TRY(const auto answer, client.post("/v1/events", body));
  const double ack_s = since_post.seconds();
  if (answer.status != 200) return internal(answer.body);
  for (;;) {
    ZY_TRY(const auto after, service.recommender().recommend(request));
    const bool knows = std::ranges::find(after.items, liked, &Recommended::item) == after.items.end();
    if (knows) break;
    if (since_post.seconds() > 10) return internal(fmt::format("the answer still proposes {}", liked.value));
  }
  const double answer_s = since_post.seconds();
  times.post_to_ack_s.push_back(ack_s);
  times.ack_to_answer_s.push_back(answer_s - ack_s);
  times.post_to_answer_s.push_back(answer_s);
  return {};
}

Result<Json> run_freshness(const BenchParams& params) {
  const auto seconds = static_cast<double>(params.number("seconds"));
  ZY_TRY(const auto folder, BenchFolder::make(params.text("dir")));
  ZY_CHECK_OK(make_bench_catalogue(folder->path() / "home", kItems));
  ZY_TRY(auto home, open_home(folder->path() / "home", HomeMode::kMustExist));
  const SystemClock clock;
  std::atomic<std::int64_t> background = 0;  // counted until the service has answered all
  ZY_TRY(const auto service, Service::start(std::move(home), clock, {}));
  const auto router = make_routes(*service, {});
  ZY_TRY(const auto server,
         http::Server::start({.port = 0}, [&](http::Request& request) { return router.handle(request); }));
  ZY_TRY(const auto client, http::Client::connect("127.0.0.1", server->port()));

  DiskProbe probe(folder->path());
  Times times;
  const auto waited_before = waited_for_a_core_us();
  const Stopwatch watch;
  {
    std::jthread others(
        [&](const std::stop_token& stop) { disturb(*service, params.number("rate"), stop, background); });
    for (int round = 0; watch.seconds() < seconds; ++round) {
      const UserId visitor(fmt::format("{}visitor-{}", kGuestPrefix, round / kLikesOfOne));
      ZY_CHECK_OK(one_round(*service, *client, probe, visitor, times));
    }
  }
  const double sync_ms = percentile_ms(times.syncs_s, 0.99);
  const double post_ms = percentile_ms(times.post_to_answer_s, 0.99);
  const double measured_s = watch.seconds();
  const auto waited = waited_for_a_core_us();
  return Json::object(
      {{"rounds", times.post_to_answer_s.size()},
       {"ack_to_answer_p50_ms", percentile_ms(times.ack_to_answer_s, 0.5)},
       {"ack_to_answer_p99_ms", percentile_ms(times.ack_to_answer_s, 0.99)},
       {"post_to_answer_p50_ms", percentile_ms(times.post_to_answer_s, 0.5)},
       {"post_to_answer_p99_ms", post_ms},
       {"post_to_answer_p999_ms", percentile_ms(times.post_to_answer_s, 0.999)},
       {"fdatasync_p50_ms", percentile_ms(times.syncs_s, 0.5)},
       {"fdatasync_p99_ms", sync_ms},
       {"fdatasync_p999_ms", percentile_ms(times.syncs_s, 0.999)},
       {"post_to_answer_by_fdatasync", post_ms / sync_ms},
       {"core_wanted_share", waited && waited_before ? Json((*waited - *waited_before) / 1e6 / measured_s) : Json()},
       {"background_events_per_s", static_cast<double>(background.load()) / measured_s}});
}

constexpr BenchFlag kFlags[] = {
    {"seconds", "how long", "10", 1, 600},
    {"rate", "events a second that others send meanwhile", "5000", 0, 1'000'000},
    {"dir", "where the home lies for the while; empty for the system's temporary folder", ""},
};

}  // namespace

Bench freshness_bench() {
  return {"freshness", "how soon the next answer knows what was just done", kFlags, run_freshness};
}

}  // namespace zhiyin
