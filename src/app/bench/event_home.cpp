#include "app/bench/event_home.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "app/bench/bench.h"
#include "app/operate/home.h"
#include "base/random.h"

namespace zhiyin {
namespace {

constexpr std::int64_t kNumbers = 10'000'000;  // events of one client
constexpr std::size_t kUsers = 100'000;
constexpr std::size_t kItemBatch = 1000;

}  // namespace

Result<std::unique_ptr<BenchFolder>> BenchFolder::make(const std::string& parent) {
  const auto base = parent.empty() ? std::filesystem::temp_directory_path() : std::filesystem::path(parent);
  auto name = (base / "zhiyin-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return invalid(fmt::format("{}: no folder can be made there", base.string()));
  return std::unique_ptr<BenchFolder>(new BenchFolder(name));
}

BenchFolder::~BenchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Result<void> make_bench_catalogue(const std::filesystem::path& path, std::size_t items) {
  ZY_TRY(const auto home, open_home(path, HomeMode::kCreate));
  Ingest ingest(*home.store, *home.log, nullptr, home.encoders, {});
  std::vector<Item> batch;
  for (std::size_t i = 0; i < items; ++i) {
    Item item;
    item.id = ItemId(fmt::format("i{}", i));
    item.title = item.id.value;
    batch.push_back(std::move(item));
    if (batch.size() == kItemBatch || i + 1 == items) {
      ZY_CHECK_OK(ingest.items(batch));
      batch.clear();
    }
  }
  return {};
}

DiskProbe::DiskProbe(const std::filesystem::path& folder)
    : file_(::open((folder / "probe").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}

DiskProbe::~DiskProbe() {
  if (file_ >= 0) ::close(file_);
}

double DiskProbe::seconds() {
  static const std::string page(4096, 'x');
  const Stopwatch watch;
  const bool done =
      ::write(file_, page.data(), page.size()) == static_cast<ssize_t>(page.size()) && ::fdatasync(file_) == 0;
  return done ? watch.seconds() : NAN;
}

double percentile_ms(std::vector<double> seconds, double share) {
  return seconds.empty() ? 0 : 1000 * percentile(seconds, share);
}

Result<BenchIds> bench_ids(const std::string& text) {
  if (text == "none") return BenchIds::kNone;
  if (text == "sequential") return BenchIds::kSequential;
  if (text == "random") return BenchIds::kRandom;
  return invalid(fmt::format("ids is \"{}\": none, sequential or random is allowed", text), "ids");
}

Event bench_event(std::size_t client, std::int64_t number, std::size_t items, BenchIds ids) {
  const auto stamp = static_cast<std::int64_t>(client) * kNumbers + number;
  const auto drawn = mix64(static_cast<std::uint64_t>(stamp));
  Event event;
  if (ids == BenchIds::kSequential) event.id = fmt::format("c{}-{}", client, number);
  if (ids == BenchIds::kRandom) event.id = fmt::format("{:016x}", drawn);
  event.type = EventType::kView;
  event.user.value = fmt::format("u{}", drawn % kUsers);
  event.item.value = fmt::format("i{}", (drawn >> 20U) % items);
  event.value = 0.5;
  event.time = stamp;
  return event;
}

Result<std::vector<std::int64_t>> count_bench_events(const EventLog& log, std::size_t clients) {
  std::vector<std::int64_t> next(clients, 0);
  std::string fault;
  ZY_CHECK_OK(log.replay(0, [&](const LoggedEvent& logged) {
    const auto client = static_cast<std::size_t>(logged.event.time / kNumbers);
    const auto number = logged.event.time % kNumbers;
    if (client >= clients || number != next[client]++) {
      if (fault.empty())
        fault = fmt::format("event {} of client {} stands at offset {}", number, client, logged.offset);
    }
  }));
  if (!fault.empty()) return corrupt(fmt::format("the log is out of order: {}", fault));
  return next;
}

}  // namespace zhiyin
