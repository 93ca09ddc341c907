#include "app/serve/event_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "app/serve/event_rows.h"
#include "base/counters.h"
#include "base/http/deferred.h"
#include "base/http/incoming_body.h"
#include "base/text.h"

namespace zhiyin {
namespace {

using Part = http::IncomingBody::Part;

constexpr std::size_t kMostInFlight = 10'000;     // events of one request that wait for the disk
constexpr std::size_t kLongestLine = 256 * 1024;  // bytes; what is cut here is no JSON any more, and refused

// Whole lines of a text that comes in pieces.
class LinePieces {
 public:
  template <typename Use>
  void add(std::string_view piece, const Use& use) {
    for (auto end = piece.find('\n'); end != std::string_view::npos; end = piece.find('\n')) {
      if (begun_.empty()) {
        use(trim(piece.substr(0, end)));
      } else {
        keep(piece.substr(0, end));
        finish(use);
      }
      piece.remove_prefix(end + 1);
    }
    keep(piece);
  }
  template <typename Use>
  void finish(const Use& use) {
    use(trim(begun_));
    begun_.clear();
  }

 private:
  void keep(std::string_view part) { begun_ += part.substr(0, kLongestLine - std::min(kLongestLine, begun_.size())); }
  std::string begun_;
};

// Shared by the connection, which gives it the body, and by the log, which answers its appends.
class EventStream : public std::enable_shared_from_this<EventStream> {
 public:
  EventStream(Service& service, const std::shared_ptr<http::IncomingBody>& body) : service_(service), body_(body) {}

  [[nodiscard]] http::Response response() const { return answer_.response(); }

  bool take(Part part, std::string_view bytes) {
    if (part == Part::kBroken) {
      answer_.answer(http::error_response(400, "broken_off", "the body broke off; what was read of it is logged"));
      return false;
    }
    EventRows rows;
    const auto view = service_.view();
    const auto now = service_.event_clock().now();
    const auto use = [&](std::string_view line) {
      if (!line.empty()) rows.take_text(*view, line, now);
    };
    if (part == Part::kPiece)
      lines_.add(bytes, use);
    else
      lines_.finish(use);
    append(std::move(rows), part == Part::kEnd);
    const std::scoped_lock lock(mutex_);
    is_held_ = in_flight_ >= kMostInFlight || failure_;
    return !is_held_;
  }

 private:
  void append(EventRows rows, bool is_last) {
    auto events = std::exchange(rows.events(), {});
    const auto count = events.size();
    std::size_t first = 0;
    {
      const std::scoped_lock lock(mutex_);
      first = rows_.size();
      rows_.add(std::move(rows));
      in_flight_ += count;
      is_ended_ = is_last;
      if (failure_) events.clear();  // the row before these was not settled
      if (events.empty()) in_flight_ -= count;
    }
    if (!events.empty()) {
      service_.ingest().events_later(std::move(events),
                                     [self = shared_from_this(), first, count](const Result<Appended>& appended) {
                                       self->settle(first, count, appended);
                                     });
    }
    answer_if_done();
  }

  void settle(std::size_t first, std::size_t count, const Result<Appended>& appended) {
    bool goes_on = false;
    {
      const std::scoped_lock lock(mutex_);
      in_flight_ -= count;
      if (appended.ok()) {
        accepted_ += appended->accepted;
        duplicates_ += appended->duplicates;
        offset_ = std::max(offset_, appended->offset);
      } else if (!failure_ || first < settled_) {
        failure_ = appended.error();
        settled_ = first;
      }
      goes_on = is_held_ && !failure_ && in_flight_ <= kMostInFlight / 2;
      if (goes_on) is_held_ = false;
    }
    answer_if_done();
    if (const auto body = body_.lock(); goes_on && body != nullptr) body->go_on();
  }

  void answer_if_done() {
    const std::scoped_lock lock(mutex_);
    if (in_flight_ > 0 || is_answered_ || (!is_ended_ && !failure_)) return;
    is_answered_ = true;
    static auto& rejected = counter("zhiyin_events_total", "Events by what became of them.", {{"outcome", "rejected"}});
    rejected.add(static_cast<std::int64_t>(rows_.rejected()));
    auto response = failure_ ? http::error_response(*failure_) : http::json_response(200, Json::object());
    auto json = Json::parse(response.body).value();
    json.set("accepted", accepted_);
    json.set("duplicates", duplicates_);
    rows_.describe(json);
    json.set("offset", offset_);
    if (failure_) json.set("rows", settled_);
    response.body = json.dump();
    answer_.answer(std::move(response));
  }

  Service& service_;
  const std::weak_ptr<http::IncomingBody> body_;
  const http::Deferred answer_;
  LinePieces lines_;  // of the connection's loop alone

  std::mutex mutex_;
  EventRows rows_;  // GUARDED_BY(mutex_), as are the rest; its events have gone to the log
  std::size_t in_flight_ = 0;
  std::int64_t accepted_ = 0;
  std::int64_t duplicates_ = 0;
  Offset offset_ = 0;
  std::optional<Error> failure_;
  std::size_t settled_ = 0;  // rows before the first that failed
  bool is_held_ = false;
  bool is_ended_ = false;
  bool is_answered_ = false;
};

}  // namespace

bool is_event_stream(const http::Request& request) {
  const auto& path = request.segments;  // a base path may stand before it
  return request.method == http::Method::kPost && path.size() >= 2 && path[path.size() - 2] == "v1" &&
         path.back() == "events" && are_lines(request);
}

http::Response stream_events(Service& service, const http::Request& request) {
  const auto stream = std::make_shared<EventStream>(service, request.incoming);
  request.incoming->read([stream](Part part, std::string_view bytes) { return stream->take(part, bytes); });
  return stream->response();
}

}  // namespace zhiyin
