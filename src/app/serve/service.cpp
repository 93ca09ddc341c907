#include "app/serve/service.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/counters.h"
#include "base/file.h"
#include "base/log.h"

namespace zhiyin {
namespace {

constexpr double kAheadShare = 0.1;  // of a core's time goes to what requests will ask for

}  // namespace

Service::Service(Home home, const Clock& clock, ServiceOptions options)
    : home_(std::move(home)),
      clock_(clock),
      label_(options.label.empty() ? home_.path.filename().string() : options.label),
      options_(std::move(options)),
      live_(options_.live) {}

Result<std::unique_ptr<Service>> Service::start(Home home, const Clock& clock, ServiceOptions options) {
  std::unique_ptr<Service> service(new Service(std::move(home), clock, options));
  const Stopwatch watch;
  ZY_TRY(const auto replayed, service->replay());
  constexpr UnixSeconds kMostAhead = 86'400;  // of now may the time of an event be (event_from_json)
  service->event_clock_ = std::make_unique<EventClock>(clock, service->live_.newest_time() - kMostAhead);
  ZY_CHECK_OK(service->changed_on_disk());  // from here on changes are noticed
  ZY_CHECK_OK(service->refresh());
  auto& self = *service;
  options.recommend.first_request =
      static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  self.recommender_ = std::make_unique<Recommender>([&self] { return self.view(); }, self.live_,
                                                    Recommender::default_sources(self.live_), options.recommend);
  ZY_TRY(auto ranker, given_ranker(self.home_.path, options.rank));
  self.recommender_->set_ranker(std::move(ranker));
  self.ingest_ =
      std::make_unique<Ingest>(*self.home_.store, *self.home_.log, &self.live_, self.home_.encoders, options.ingest);
  self.home_.log->append_later({}, [](const auto&, const auto&) {});  // it learns its ids now, not at the first event
  auto learning = options.learning;
  learning.learner.events = options.live.events;
  self.learning_ = std::make_unique<BackgroundLearning>(
      *self.home_.log, self.live_, [&self] { return self.view(); }, learning);
  // When somebody last trained, or went back to an earlier snapshot: that stands for as long as a training does.
  const auto chosen = [current = self.home_.path / "snapshots" / "current"]() -> std::optional<UnixSeconds> {
    std::error_code none;
    const auto at = std::filesystem::last_write_time(current, none);
    if (none) return std::nullopt;
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::file_clock::to_sys(at).time_since_epoch())
        .count();
  };
  self.training_ = std::make_unique<BackgroundTraining>(self.home_.path, clock, chosen, options.training);
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
  if (watcher_.joinable()) watcher_.join();
  learning_.reset();  // reads the log on a thread of its own
  training_.reset();
  home_.log.reset();  // answers the events under way, for which live state and ingest must be there
}

void Service::set_options(const ServiceOptions& options) {
  recommender_->set_options(options.recommend);
  if (auto ranker = given_ranker(home_.path, options.rank); ranker.ok()) {
    recommender_->set_ranker(std::move(*ranker));
  } else {
    log_error("the ranker stays what it is: {}", ranker.error().message);
  }
  {
    const std::scoped_lock lock(stop_mutex_);
    options_ = options;
  }
  stop_signal_.notify_all();  // the watcher begins its period anew
}

void Service::measure_freshness() {
  const Labels home = {{"home", label_}};
  const auto set = [&](const char* name, const char* help, double value) { gauge(name, help, home).set(value); };
  const auto now = clock_.now();
  const auto events = live_.count_events();
  if (known_events_.exchange(events) != events) newest_event_ = now;
  set("zhiyin_event_age_seconds", "Since the newest event became known to answers, to within serve.refresh_s.",
      static_cast<double>(now - newest_event_));
  set("zhiyin_events", "Events that answers know of.", static_cast<double>(events));
  set("zhiyin_users", "Users with an event.", static_cast<double>(live_.count_users()));
  const auto now_seen = view();
  set("zhiyin_items", "Items of the catalogue.", static_cast<double>(now_seen->items().size()));
  const auto logged = home_.log->last_offset();
  if (logged.ok())
    set("zhiyin_events_unseen", "Events of the log that answers do not know of yet.",
        static_cast<double>(std::max<std::int64_t>(0, *logged - events)));
  if (const auto* snapshot = now_seen->snapshot(); snapshot != nullptr) {
    set("zhiyin_snapshot_age_seconds", "Since the snapshot that serves was made.",
        static_cast<double>(now - snapshot->created));
    if (logged.ok())
      set("zhiyin_events_since_snapshot", "Events of the log that the snapshot has not learned from.",
          static_cast<double>(*logged - snapshot->offset));
  }
}

Result<std::int64_t> Service::replay() {
  const Timed timed(load_stage("live"));
  return live_.replay(*home_.log);
}

Result<void> Service::refresh() {
  const std::scoped_lock lock(refresh_mutex_);
  std::optional<Timed> timed(load_stage("snapshot"));
  auto snapshot = load_current_snapshot(home_.path);
  timed.reset();
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

void Service::refresh_soon() {
  {
    const std::scoped_lock lock(stop_mutex_);
    refresh_due_ = true;
  }
  stop_signal_.notify_all();
}

void Service::watch() {
  std::unique_lock lock(stop_mutex_);
  const auto period = [&] { return std::chrono::duration<double>(options_.refresh_s); };
  for (;;) {
    stop_signal_.wait_for(lock, period(), [&] { return stopping_ || refresh_due_; });
    if (stopping_) return;
    const bool due = std::exchange(refresh_due_, false);
    const double ahead_s = kAheadShare * options_.refresh_s;
    lock.unlock();
    measure_freshness();
    if (const auto caught_up = ingest_->catch_up(); !caught_up.ok())
      log_error("the log could not be read on: {}", caught_up.error().message);
    const auto changed = changed_on_disk();
    const auto done = !changed.ok() ? Result<void>(changed.error()) : *changed || due ? refresh() : Result<void>();
    if (!done.ok()) log_error("the home could not be read again, the old view serves on: {}", done.error().message);
    prepare_similar(*view(), ahead_s);
    lock.lock();
  }
}

}  // namespace zhiyin
