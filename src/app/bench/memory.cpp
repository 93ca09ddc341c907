// `bench memory`: what a million items, users and events cost in memory.
//
// Each part is made in this process, one after the other, and what it keeps is told by the process's own memory
// (RssAnon) before and after, with what the allocator holds free given back to the kernel first.
//   items   catalogue, factors and content vectors of `dim`, content's neighbours, all that a view has (synthetic_home.h)
//   users   one like each: what it costs that somebody is there
//   events  on top of those, through the log, each with an id and each the first of its user with its item: nothing is
//           a repeat, every one is kept; and what the home then holds on disk
#include <fmt/format.h>
#include <malloc.h>

#include <fstream>
#include <future>

#include "app/bench/bench.h"
#include "app/bench/event_home.h"
#include "app/bench/synthetic_home.h"
#include "feed/ingest/ingest.h"

namespace zhiyin {
namespace {

constexpr double kMillion = 1e6;
constexpr double kMib = 1024 * 1024;
constexpr std::size_t kBatch = 1000;

double own_mib() {
  ::malloc_trim(0);
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::stod(line.substr(8)) / 1024;
  }
  return 0;
}

Result<double> items_mib(std::size_t items, std::size_t dim) {
  const double before = own_mib();
  ZY_TRY(const auto home, make_synthetic_home({.items = items, .dim = dim, .users = 1, .history = 1, .disliked = 0}));
  return own_mib() - before;
}

// Event `number`: no user meets an item twice as long as there are no more events than users * items.
Event event_of(std::size_t number, std::size_t users, std::size_t items) {
  Event event;
  event.id = fmt::format("{:016x}", number * 0x9e3779b97f4a7c15ULL);
  event.type = EventType::kLike;
  event.user.value = fmt::format("user{}", number % users);
  event.item.value = fmt::format("item{}", (number / users + number % users) % items);
  event.time = static_cast<UnixSeconds>(1'700'000'000 + number);
  return event;
}

std::uintmax_t bytes_in(const std::filesystem::path& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    if (file.is_regular_file()) bytes += file.file_size();
  }
  return bytes;
}

struct EventCost {
  double users_mib = 0;
  double events_mib = 0;
  double disk_mib = 0;
};

Result<EventCost> events_mib(const std::filesystem::path& path, std::size_t users, std::size_t events,
                             std::size_t items) {
  ZY_TRY(auto home, open_home(path, HomeMode::kCreate));
  Live live;
  Ingest ingest(*home.store, *home.log, &live, home.encoders, {});
  const auto log_up_to = [&](std::size_t first, std::size_t last) -> Result<void> {
    for (auto begin = first; begin < last; begin += kBatch) {
      std::vector<Event> batch;
      for (auto i = begin; i < std::min(last, begin + kBatch); ++i) batch.push_back(event_of(i, users, items));
      ZY_TRY(const auto appended, ingest.events(batch));
      if (appended.accepted != static_cast<std::int64_t>(batch.size()))
        return internal("an event was taken for a repeat");
    }
    return {};
  };
  EventCost cost;
  // Where a user is first is not where the log is: its buffers are the same for ten events and for ten million.
  const double before = own_mib();
  for (std::size_t i = 0; i < users; ++i) live.apply(event_of(i, users, items));
  cost.users_mib = own_mib() - before;
  const double with_users = own_mib();
  ZY_CHECK_OK(log_up_to(users, users + events));
  cost.events_mib = own_mib() - with_users;
  cost.disk_mib = static_cast<double>(bytes_in(path)) / kMib;
  if (live.count_users() != users) return internal("users were forgotten");
  home.log.reset();  // answers what is under way while live state is there
  return cost;
}

Result<Json> run_memory(const BenchParams& params) {
  const auto items = params.number("items");
  const auto users = params.number("users");
  const auto events = params.number("events");
  ZY_TRY(const auto folder, BenchFolder::make(params.text("dir")));
  ZY_TRY(const double of_items, items_mib(items, params.number("dim")));
  ZY_TRY(const auto of_events, events_mib(folder->path() / "home", users, events, items));
  const auto per_million = [](double mib, std::size_t count) { return mib * kMillion / static_cast<double>(count); };
  return Json::object({{"mib_per_million_items", per_million(of_items, items)},
                       {"mib_per_million_users", per_million(of_events.users_mib, users)},
                       {"mib_per_million_events", per_million(of_events.events_mib, events)},
                       {"disk_mib_per_million_events", per_million(of_events.disk_mib, events)}});
}

constexpr BenchFlag kFlags[] = {
    {"items", "of the catalogue", "100000", 1000, 10'000'000},
    {"dim", "of factors and content vectors", "64", 8, 1024},
    {"users", "who liked one item each", "200000", 1000, 100'000'000},
    {"events", "that follow", "2000000", 1000, 1'000'000'000},
    {"dir", "where the home lies for the while; empty for the system's temporary folder", ""},
};

}  // namespace

Bench memory_bench() { return {"memory", "what a million items, users and events cost", kFlags, run_memory}; }

}  // namespace zhiyin
