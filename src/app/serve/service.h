// The running system behind the routes: one home, its live state, its view, its recommender.
//
// Thread-safe. Readers take the view of the moment; a new view is built aside when the catalogue or the snapshot
// changed on disk (another process scanned or trained), and swapped in.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include "app/operate/home.h"
#include "app/serve/background_learning.h"
#include "app/serve/background_training.h"
#include "base/clock.h"
#include "feed/ingest/event_clock.h"
#include "feed/ingest/ingest.h"
#include "feed/live/live.h"
#include "feed/recommend/onnx_ranker.h"
#include "feed/recommend/recommend.h"
#include "feed/snapshot/view.h"

namespace zhiyin {

struct ServiceOptions {
  RecommendOptions recommend;
  OnnxRankerOptions rank;
  IngestOptions ingest;
  LiveOptions live;
  BackgroundLearningOptions learning;
  BackgroundTrainingOptions training;
  double refresh_s = 2;  // how often the home is looked at for changes made by others
  std::string label;     // what /metrics calls the home; empty: its folder's name
};

class Service {
 public:
  // Loads the snapshot (none is not an error: then popularity and freshness serve) and replays the log.
  static Result<std::unique_ptr<Service>> start(Home home, const Clock& clock, ServiceOptions options);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  [[nodiscard]] std::shared_ptr<const View> view() const { return std::atomic_load(&view_); }
  [[nodiscard]] const Home& home() const { return home_; }
  [[nodiscard]] Live& live() { return live_; }
  [[nodiscard]] const Live& live() const { return live_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] const Clock& event_clock() const { return *event_clock_; }
  [[nodiscard]] const Recommender& recommender() const { return *recommender_; }
  [[nodiscard]] Ingest& ingest() { return *ingest_; }

  // From the next request, and the next look at the home, on. A ranker that cannot be opened is an error in the log, and
  // the one before it serves on.
  void set_options(const ServiceOptions& options);

  // How old what the next answer knows is, written to the numbers of /metrics.
  void measure_freshness();

  // Takes the catalogue and the snapshot in anew, now. Cost: linear in the catalogue.
  Result<void> refresh();
  // The same, in the background and at once: for many small changes after each other, which then share a refresh.
  void refresh_soon();

 private:
  Service(Home home, const Clock& clock, ServiceOptions options);
  Result<std::int64_t> replay();
  Result<bool> changed_on_disk();
  void watch();

  Home home_;
  const Clock& clock_;
  const std::string label_;
  ServiceOptions options_;  // guarded by stop_mutex_ once it runs
  Live live_;
  std::unique_ptr<EventClock> event_clock_;
  std::shared_ptr<const View> view_;  // by std::atomic_load and std::atomic_store only
  std::unique_ptr<Recommender> recommender_;
  std::unique_ptr<Ingest> ingest_;
  std::unique_ptr<BackgroundLearning> learning_;  // stops before what it uses goes
  std::unique_ptr<BackgroundTraining> training_;

  std::atomic<std::int64_t> known_events_{-1};  // at the last look
  std::atomic<UnixSeconds> newest_event_{0};    // when an event was new at a look
  std::mutex refresh_mutex_;                    // one refresh at a time; guards seen_
  std::string seen_;                            // what the home looked like at the last refresh
  std::mutex stop_mutex_;
  std::condition_variable stop_signal_;
  bool stopping_ = false;     // guarded by stop_mutex_
  bool refresh_due_ = false;  // guarded by stop_mutex_
  std::jthread watcher_;
};

}  // namespace zhiyin
