// `bench soak`: a server under everything at once (mixed_load.h) for as long as wanted, which must neither err nor grow.
//
// The server is a process of its own, so that what is weighed is its memory alone. Its home lets its live state reach
// its bounds within minutes: 1,000 users may be remembered, where guests come without end. It trains by itself from time
// to time and takes in what it published. It is looked at once a minute; the first third of the looks is warm-up. Flat
// means that the line through the others (least squares) rises by less than kFlat of their mean in an hour. The line is
// through the memory that is the process's own (RssAnon): mapped files, the ids of old events among them, are the
// kernel's to take back.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <span>
#include <thread>

#include "app/bench/bench.h"
#include "app/bench/event_home.h"
#include "app/bench/mixed_load.h"
#include "app/bench/own_server.h"
#include "app/operate/home.h"
#include "base/file.h"
#include "base/log.h"
#include "learn/train_checked.h"

namespace zhiyin {
namespace {

constexpr double kFlat = 0.1;
constexpr std::size_t kShortLooks = 6;  // of a run of seconds
constexpr double kMinute = 60;

struct Memory {
  double rss_mib = 0;
  double own_mib = 0;
};

Memory memory_of(pid_t process) {
  std::ifstream status(fmt::format("/proc/{}/status", process));
  Memory memory;
  constexpr double kKibPerMib = 1024;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) memory.rss_mib = std::stod(line.substr(6)) / kKibPerMib;
    if (line.starts_with("RssAnon:")) memory.own_mib = std::stod(line.substr(8)) / kKibPerMib;
  }
  return memory;
}

// Of the least-squares line through values that are one step apart.
double slope(std::span<const double> values) {
  const double middle = (static_cast<double>(values.size()) - 1) / 2;
  double above = 0;
  double below = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double from_middle = static_cast<double>(i) - middle;
    above += from_middle * values[i];
    below += from_middle * from_middle;
  }
  return below == 0 ? 0 : above / below;
}

double mean(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

Result<void> make_home(const std::filesystem::path& path, double train_every_s) {
  {
    ZY_TRY(const auto home, open_home(path, HomeMode::kCreate));
    Ingest ingest(*home.store, *home.log, nullptr, home.encoders, {});
    std::vector<Item> items(kMixedItems);
    for (std::size_t i = 0; i < items.size(); ++i) {
      items[i].id = ItemId(fmt::format("i{}", i));
      items[i].title = fmt::format("Item {}", i);
      items[i].tags = {i % 2 == 0 ? "even" : "odd"};
    }
    ZY_CHECK_OK(ingest.items(items));
  }
  return write_file_atomic(path / "zhiyin.toml", fmt::format("[live]\nmost_users = 1000\n"
                                                             "[events]\nremembered = 20000\n"
                                                             "[online]\nevents = 200\nseconds = 1\n"
                                                             "[serve]\nrefresh_s = 1\n"
                                                             "[train]\nevery_hours = {:.6f}\n",
                                                             train_every_s / 3600));
}

Result<Json> run_soak(const BenchParams& params) {
  const bool is_short = params.number("seconds") > 0;
  const auto looks = is_short ? kShortLooks : params.number("minutes");
  const double period_s = is_short ? static_cast<double>(params.number("seconds")) / kShortLooks : kMinute;
  ZY_TRY(const auto folder, BenchFolder::make(params.text("dir")));
  const auto home = folder->path() / "home";
  ZY_CHECK_OK(make_home(home, is_short ? period_s : 5 * kMinute));
  ZY_TRY(const auto server, OwnServer::start(home));
  MixedLoad load({.port = server->port(),
                  .home = home,
                  .rate = params.number("rate"),
                  .backup_s = is_short ? 2 * period_s : 5 * kMinute});
  std::vector<double> rss;
  std::vector<double> own;
  auto by_minute = Json::object();
  for (std::size_t look = 1; look <= looks; ++look) {
    std::this_thread::sleep_for(std::chrono::duration<double>(period_s));
    const auto now = memory_of(server->process());
    rss.push_back(now.rss_mib);
    own.push_back(now.own_mib);
    by_minute.set(fmt::format("{}", look), now.rss_mib);
    log_info("{} of {}: {:.1f} MiB resident, {:.1f} of them its own; {}", look, looks, now.rss_mib, now.own_mib,
             load.counts().dump());
    if (load.errors() > 0) break;
  }
  load.stop();
  if (load.errors() > 0) return internal(fmt::format("{} requests failed: {}", load.errors(), load.first_error()));
  if (const int code = server->stop(); code != 0) return internal(fmt::format("the server ended with code {}", code));

  auto results = load.counts();
  results.set("errors", load.errors());
  const auto trainings = read_decisions(home);  // each published or not, with a reason
  results.set("trainings", trainings.ok() ? trainings->size() : 0);
  results.set("rss_mib_by_minute", std::move(by_minute));
  results.set("rss_mib", rss.back());
  results.set("own_mib", own.back());
  if (is_short) return results;
  const auto settled = std::span<const double>(own).subspan(own.size() / 3);
  const double an_hour = slope(settled) * kMinute;
  results.set("rss_mib_an_hour", slope(std::span<const double>(rss).subspan(rss.size() / 3)) * kMinute);
  results.set("own_mib_an_hour", an_hour);
  results.set("verdict", an_hour < kFlat * mean(settled) ? "flat" : "grows");
  return results;
}

constexpr BenchFlag kFlags[] = {
    {"minutes", "how long", "30", 3, 10'000},
    {"seconds", "how long, in place of minutes: errors only, no verdict on memory; 0: minutes it is", "0", 0, 3'600},
    {"rate", "events a second", "5000", 1, 1'000'000},
    {"dir", "where the home lies for the while; empty for the system's temporary folder", ""},
};

}  // namespace

Bench soak_bench() {
  return {"soak", "a server under everything at once, which must neither err nor grow", kFlags, run_soak};
}

}  // namespace zhiyin
