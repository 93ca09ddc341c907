#include "app/serve/feed_streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/counters.h"
#include "base/file.h"
#include "base/lines.h"
#include "domain/ids.h"
#include "domain/user.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr int kLooksATraining = 10;

Gauge& open_streams() { return gauge("zhiyin_streams_open", "Clients that listen at /v1/stream."); }

std::string event(std::string_view name, const Json& data) {
  return fmt::format("event: {}\ndata: {}\n\n", name, data.dump());
}

std::string feed(const char* why) { return event("feed", Json::object({{"why", why}})); }

Result<UserId> listener_of(const http::Request& request) {
  const auto user = request.query.get("user");
  const auto guest = request.query.get("guest");
  if (user && guest) return invalid("give either user or guest", "user");
  if (!user && !guest) return UserId();
  ZY_CHECK_OK(check_id(user ? *user : *guest, user ? "user" : "guest"));
  return UserId(user ? std::string(*user) : std::string(kGuestPrefix) + std::string(*guest));
}

}  // namespace

FeedStreams::FeedStreams(Service& service, FeedStreamOptions options)
    : service_(service), options_(options), view_(service.view()) {
  (void)training_news(false);  // what was there before is no news
  thread_ = std::jthread([this] { run(); });
}

FeedStreams::~FeedStreams() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    for (const auto& listener : listeners_) listener.stream->end();
  }
  changed_.notify_all();
}

http::Response FeedStreams::open(const http::Request& request) {
  const auto user = listener_of(request);
  if (!user.ok()) return http::error_response(user.error());
  auto stream = std::make_shared<http::BodyStream>();
  {
    const std::scoped_lock lock(mutex_);
    std::erase_if(listeners_, [](const Listener& listener) { return !listener.stream->is_open(); });
    if (listeners_.size() >= options_.most) {
      return http::error_response(
          Error{ErrorCode::kUnavailable, fmt::format("{} clients listen already", options_.most), {}});
    }
    listeners_.push_back({*user, changed_at(*user), stream});
    open_streams().set(static_cast<double>(listeners_.size()));
  }
  changed_.notify_all();
  stream->send("retry: 2000\n" + feed("hello"));
  return {
      .headers = {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}},
      .stream = std::move(stream)};
}

Offset FeedStreams::changed_at(const UserId& user) const {
  const auto state = user.value.empty() ? nullptr : service_.live().user(user);
  return state == nullptr ? 0 : state->changed;
}

void FeedStreams::run() {
  const auto pause = std::chrono::duration<double>(options_.look_s);
  Stopwatch since_heartbeat;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (listeners_.empty()) {
      view_.reset();  // an old view and its snapshot are not kept for nobody
      changed_.wait(lock, [&] { return stopping_ || !listeners_.empty(); });
      view_ = service_.view();  // what happened while nobody listened is no news
      (void)training_news(false);
    } else {
      changed_.wait_for(lock, pause, [&] { return stopping_; });
    }
    if (stopping_) return;
    look();
    if (since_heartbeat.seconds() >= options_.heartbeat_s) {
      tell_all(": still here\n\n");
      since_heartbeat = {};
    }
    std::erase_if(listeners_, [](const Listener& listener) { return !listener.stream->is_open(); });
    open_streams().set(static_cast<double>(listeners_.size()));
  }
}

// REQUIRES(mutex_)
void FeedStreams::look() {
  auto view = service_.view();
  if (view != view_) {
    const bool trained = view->snapshot() != view_->snapshot();
    tell_all(feed(trained ? "snapshot" : "items"));
    view_ = std::move(view);
  }
  for (auto& listener : listeners_) {
    const auto changed = changed_at(listener.user);
    if (std::exchange(listener.changed, changed) == changed) continue;
    listener.stream->send(event("feed", Json::object({{"why", "event"}, {"offset", changed}})));
  }
  if (++looks_ % kLooksATraining != 0) return;  // files are slower to look at
  for (const auto& news : training_news(true)) tell_all(event("training", news));
}

void FeedStreams::tell_all(const std::string& text) {
  for (const auto& listener : listeners_) listener.stream->send(text);
}

// A run writes a line an epoch, and run.json when it has ended (learn/runs.h).
std::vector<Json> FeedStreams::training_news(bool tell) {
  std::vector<Json> news;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(service_.home().path / "runs", failed)) {
    const auto run = entry.path().filename().string();
    auto& told = runs_[run];
    if (told.finished || !fs::exists(entry.path() / "log.jsonl")) continue;
    const auto ended = read_file(entry.path() / "run.json");
    const auto text = read_file(entry.path() / "log.jsonl");
    std::int64_t lines = 0;
    const auto model = [&] {
      const auto json = ended.ok() ? Json::parse(*ended) : Result<Json>(Json());
      return json.ok() && json->has("model") ? Json((*json)["model"]) : Json(run.substr(run.rfind('-') + 1));
    }();
    for (Lines each(text.ok() ? std::string_view(*text) : std::string_view()); const auto line = each.next();) {
      auto epoch = Json::parse(*line);
      if (!epoch.ok() || ++lines <= told.lines || !tell) continue;
      auto json = Json::object({{"run", run}, {"model", model}});
      for (const auto& [name, value] : epoch->members()) json.set(name, value);
      news.push_back(std::move(json));
    }
    told.lines = lines;
    if (!ended.ok()) continue;
    told.finished = true;
    const auto json = Json::parse(*ended);
    if (tell && json.ok())
      news.push_back(
          Json::object({{"run", run}, {"model", model}, {"seconds", (*json)["seconds"]}, {"error", (*json)["error"]}}));
  }
  return news;
}

}  // namespace zhiyin
