#include "app/serve/service.h"

#include <fmt/format.h>

#include <chrono>

#include "base/file.h"
#include "base/log.h"

namespace zhiyin {
namespace {

constexpr double kAheadShare = 0.1;  // of a core's time goes to what requests will ask for

}  // namespace

Service::Service(Home home, const Clock& clock, ServiceOptions options)
    : home_(std::move(home)), clock_(clock), options_(options) {}

Result<std::unique_ptr<Service>> Service::start(Home home, const Clock& clock, ServiceOptions options) {
  std::unique_ptr<Service> service(new Service(std::move(home), clock, options));
  const Stopwatch watch;
  ZY_TRY(const auto replayed, service->live_.replay(*service->home_.log));
  ZY_CHECK_OK(service->changed_on_disk());  // from here on changes are noticed
  ZY_CHECK_OK(service->refresh());
  auto& self = *service;
  self.recommender_ = std::make_unique<Recommender>([&self] { return self.view(); }, self.live_,
                                                    Recommender::default_sources(self.live_), options.recommend);
  self.ingest_ =
      std::make_unique<Ingest>(*self.home_.store, *self.home_.log, &self.live_, self.home_.encoders, IngestOptions{});
  self.watcher_ = std::jthread([&self] { self.watch(); });
  log_info("{} events replayed, {} items known, ready in {:.2f} s", replayed, self.view()->items().size(),
           watch.seconds());
  return service;
}

Service::~Service() {
  {
    const std::scoped_lock lock(stop_mutex_);
    stopping_ = true;
  }
  stop_signal_.notify_all();
}

Result<void> Service::refresh() {
  const std::scoped_lock lock(refresh_mutex_);
  auto snapshot = load_current_snapshot(home_.path);
  if (!snapshot.ok() && snapshot.error().code != ErrorCode::kNotFound) return std::move(snapshot).error();
  if (!snapshot.ok()) log_warning("{}", snapshot.error().message);
  ZY_TRY(auto view, View::build(*home_.store, snapshot.ok() ? *snapshot : nullptr));
  std::atomic_store(&view_, std::move(view));
  return {};
}

// Another process writes to the catalogue (scan, import) or points `current` at a new snapshot (train).
Result<bool> Service::changed_on_disk() {
  ZY_TRY(const auto version, home_.store->version());
  auto current = read_file(home_.path / "snapshots" / "current");
  auto now = fmt::format("{} {}", version, current.ok() ? *current : "");
  const std::scoped_lock lock(refresh_mutex_);
  const bool changed = !seen_.empty() && now != seen_;
  seen_ = std::move(now);
  return changed;
}

void Service::watch() {
  const auto period = std::chrono::duration<double>(options_.refresh_s);
  std::unique_lock lock(stop_mutex_);
  while (!stop_signal_.wait_for(lock, period, [&] { return stopping_; })) {
    lock.unlock();
    const auto changed = changed_on_disk();
    const auto done = !changed.ok() ? Result<void>(changed.error()) : *changed ? refresh() : Result<void>();
    if (!done.ok()) log_error("the home could not be read again, the old view serves on: {}", done.error().message);
    prepare_similar(*view(), kAheadShare * options_.refresh_s);
    lock.lock();
  }
}

}  // namespace zhiyin
