// `bench ready`: how soon a server of a large home answers. A synthetic home is written to disk and opened as `serve`
// opens one, until /readyz says 200 and a first slate has come; stage by stage.
#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "app/bench/bench.h"
#include "app/bench/event_home.h"
#include "app/bench/synthetic_home.h"
#include "app/operate/home.h"
#include "app/serve/gorse/routes.h"
#include "app/serve/routes.h"
#include "base/counters.h"
#include "base/random.h"
#include "domain/user.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatch = 1000;
constexpr std::array<std::string_view, 4> kStages = {"snapshot", "catalogue", "index", "live"};
constexpr UnixSeconds kStart = 1'700'000'000;
constexpr double kMebi = 1024 * 1024;

UserId user_of(std::size_t number) { return UserId(fmt::format("user-{}", number)); }

Result<void> write_catalogue(Store& store, const View& view) {
  std::vector<Item> items;
  std::vector<ItemVector> vectors;
  for (ItemIndex row = 0; row < view.items().size(); ++row) {
    items.push_back(view.item(row));
    for (const auto& vector : view.modalities(row))
      vectors.push_back({items.back().id, {vector.encoder, vector.version, vector.values}});
    if (items.size() < kBatch && row + 1 < view.items().size()) continue;
    ZY_CHECK_OK(store.put_items(items));
    ZY_CHECK_OK(store.put_vectors(vectors));
    items.clear();
    vectors.clear();
  }
  return {};
}

// Likes, popular items more often: the share of item k falls like the cube of its place.
Result<void> write_events(EventLog& log, const View& view, std::size_t users, std::size_t events) {
  Random random(7);
  std::vector<Event> batch;
  for (std::size_t k = 0; k < events; ++k) {
    const float place = random.uniform();
    Event event;
    event.type = EventType::kLike;
    event.user = user_of(random.below(static_cast<std::uint32_t>(users)));
    event.item = view.item(static_cast<ItemIndex>(place * place * place * static_cast<float>(view.items().size()))).id;
    event.time = kStart + static_cast<UnixSeconds>(k);
    batch.push_back(std::move(event));
    if (batch.size() < 10 * kBatch && k + 1 < events) continue;
    ZY_CHECK_OK(log.append(batch));
    batch.clear();
  }
  return {};
}

Result<void> make_home(const fs::path& path, const BenchParams& params) {
  ZY_TRY(const auto made, make_synthetic_home({.items = params.number("items"),
                                               .dim = params.number("dim"),
                                               .users = 1,
                                               .neighbours = params.number("neighbours")}));
  ZY_TRY(const auto home, open_home(path, HomeMode::kCreate));
  ZY_CHECK_OK(write_catalogue(*home.store, *made->view));
  ZY_CHECK_OK(write_events(*home.log, *made->view, params.number("users"), params.number("events")));
  return save_snapshot(path, *made->view->snapshot());
}

// Makes the disk read the home anew, as after the machine was started.
void forget_files(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(folder, ignored)) {
    const int file = entry.is_regular_file() ? ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) continue;
    ::fdatasync(file);
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    ::close(file);
  }
}

double resident_mib() {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  file >> pages >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / kMebi;
}

double bytes_of(const fs::path& folder) {
  double bytes = 0;
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(folder, ignored))
    bytes += entry.is_regular_file() ? static_cast<double>(entry.file_size(ignored)) : 0;
  return bytes;
}

struct Opened {
  double open_s = 0;   // databases, encoders of words
  double ready_s = 0;  // until /readyz, `open_s` included
  double first_s = 0;  // the first slate after that
  std::array<double, kStages.size()> stages{};
  double rss_mib = 0;
};

// The way of `zhiyin serve` (app/cli/serve.cpp).
Result<Opened> open_as_serve_does(const fs::path& path, std::size_t items, std::size_t events) {
  Opened opened;
  const auto stage_sum = [](std::string_view stage) { return load_stage(stage).sum(); };
  std::ranges::transform(kStages, opened.stages.begin(), stage_sum);
  const SystemClock clock;
  const Stopwatch watch;
  ZY_TRY(auto home, open_home(path, HomeMode::kMustExist));
  ZY_CHECK_OK(open_word_encoders(home));
  opened.open_s = watch.seconds();
  ZY_TRY(const auto service, Service::start(std::move(home), clock, {}));
  ZY_TRY(const auto gorse, gorse::interface_of(*service, {}));
  const auto router =
      make_routes(*service, {}, {.more = [&](http::Router& table) { gorse::add_routes(table, gorse); }});
  http::Request ready;
  ready.target = ready.path = "/readyz";
  ready.segments = {"readyz"};
  if (const auto answer = router.handle(ready); answer.status != 200) return internal(answer.body);
  opened.ready_s = watch.seconds();
  for (std::size_t s = 0; s < kStages.size(); ++s) opened.stages[s] = stage_sum(kStages[s]) - opened.stages[s];

  const Stopwatch first;
  ZY_TRY(const auto slate, service->recommender().recommend({user_of(0), 20, {}, Language::kEnglish}));
  opened.first_s = first.seconds();
  opened.rss_mib = resident_mib();
  if (slate.items.size() != 20 || !slate.degraded.empty()) return internal("the first slate lacks something");
  if (service->view()->items().size() != items) return internal("items are missing");
  if (service->live().count_events() != static_cast<std::int64_t>(events)) return internal("events are missing");
  return opened;
}

double median(std::vector<double> values) { return percentile(values, 0.5); }

Result<Json> run_ready(const BenchParams& params) {
  const Stopwatch making;
  std::unique_ptr<BenchFolder> folder;
  fs::path path = params.text("home");
  if (path.empty()) {
    ZY_TRY(folder, BenchFolder::make(params.text("dir")));
    path = folder->path() / "home";
  }
  if (!fs::exists(path / "snapshots" / "current")) ZY_CHECK_OK(make_home(path, params));
  const auto made_s = making.seconds();
  ::malloc_trim(0);  // what making it took is not the server's
  const auto before_mib = resident_mib();

  std::vector<Opened> rounds;
  for (std::size_t round = 0; round < params.number("rounds"); ++round) {
    if (params.text("disk") == "cold") forget_files(path);
    ZY_TRY(auto opened, open_as_serve_does(path, params.number("items"), params.number("events")));
    rounds.push_back(opened);
    ::malloc_trim(0);
  }
  const auto milliseconds = [&](const auto& of) {
    std::vector<double> values;
    for (const auto& round : rounds) values.push_back(1000 * of(round));
    return values;
  };
  const auto ready = milliseconds([](const Opened& one) { return one.ready_s; });
  auto results = Json::object({{"ready_ms", median(ready)}, {"ready_worst_ms", *std::ranges::max_element(ready)}});
  results.set("open_ms", median(milliseconds([](const Opened& one) { return one.open_s; })));
  for (std::size_t s = 0; s < kStages.size(); ++s) {
    results.set(fmt::format("{}_ms", kStages[s]),
                median(milliseconds([&](const Opened& one) { return one.stages[s]; })));
  }
  results.set("first_answer_ms", median(milliseconds([](const Opened& one) { return one.first_s; })));
  results.set("rss_mib", rounds.front().rss_mib);
  results.set("rss_before_mib", before_mib);
  results.set("home_mib", bytes_of(path) / kMebi);
  results.set("make_s", made_s);
  return results;
}

constexpr BenchFlag kFlags[] = {
    {"items", "items of the catalogue", "1000000", 1000, 10'000'000},
    {"dim", "of factors and content vectors", "64", 2, 1024},
    {"users", "that the events are by", "100000", 1, 10'000'000},
    {"events", "likes in the log", "1000000", 1, 100'000'000},
    {"neighbours", "of each item in content_blend", "300", 1, 1000},
    {"rounds", "how often it is opened: medians are reported", "3", 1, 100},
    {"disk", "cold: the system forgets the files before each round; else it has them in memory", "warm"},
    {"dir", "where the home lies for the while; empty for the system's temporary folder", ""},
    {"home", "a home that this bench makes there, or has made with the same numbers, and leaves there", ""},
};

}  // namespace

Bench ready_bench() {
  return {"ready", "from the start of a server to its first answer, over a synthetic home on disk", kFlags, run_ready};
}

}  // namespace zhiyin
