// GET /v1/stream: server-sent events that say when asking again is worth it.
//
//   event: feed       data: {"why": "event", "offset"}                   the user's next slate may be another one: by
//                     data: {"why": "snapshot" | "items"}                an event of the user's own, no impression
//   event: training   data: {"run", "model", "epoch", "epochs", "loss"}  an epoch of a training of this home, also in
//                     data: {"run", "model", "seconds", "error"}         another process; and its end
//
// The first event is `feed` with "why": "hello". A comment every heartbeat_s keeps proxies from closing what is quiet.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/serve/service.h"
#include "base/http/message.h"
#include "base/http/stream.h"

namespace zhiyin {

struct FeedStreamOptions {
  std::size_t most = 1000;  // at a time; one more is answered with 503
  double look_s = 0.1;      // how often what changed is looked for
  double heartbeat_s = 15;
};

// Thread-safe. A thread of its own looks at the live state and the view, while anybody listens: no writer waits for it.
class FeedStreams {
 public:
  FeedStreams(Service& service, FeedStreamOptions options);
  ~FeedStreams();
  FeedStreams(const FeedStreams&) = delete;
  FeedStreams& operator=(const FeedStreams&) = delete;

  http::Response open(const http::Request& request);

 private:
  struct Listener {
    UserId user;  // empty: of nobody's feed, so of snapshots, items and trainings alone
    Offset changed = 0;
    std::shared_ptr<http::BodyStream> stream;
  };
  // Trainings: how much of each curve was told, by run.
  struct Told {
    std::int64_t lines = 0;
    bool finished = false;
  };

  [[nodiscard]] Offset changed_at(const UserId& user) const;
  void run();
  void look();
  void tell_all(const std::string& text);
  std::vector<Json> training_news(bool tell);

  Service& service_;
  const FeedStreamOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Listener> listeners_;   // GUARDED_BY(mutex_)
  bool stopping_ = false;             // GUARDED_BY(mutex_)
  std::shared_ptr<const View> view_;  // of the thread alone, as are the rest
  std::map<std::string, Told> runs_;
  int looks_ = 0;
  std::jthread thread_;
};

}  // namespace zhiyin
