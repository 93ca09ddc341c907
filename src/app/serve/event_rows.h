// The rows of POST /v1/events: the good ones, and why the others are not. A row at fault costs itself.
#pragma once

#include <string_view>
#include <vector>

#include "base/http/message.h"
#include "domain/event.h"
#include "feed/snapshot/view.h"

namespace zhiyin {

class EventRows {
 public:
  static constexpr std::size_t kMostListed = 1000;  // rejections; those beyond are counted only

  void take(const View& view, const Json& row, UnixSeconds now);
  // The same from its text; one that is no JSON is refused with the field at fault, where that can be told.
  void take_text(const View& view, std::string_view row, UnixSeconds now);
  // Rows that follow these.
  void add(EventRows&& more);

  [[nodiscard]] std::size_t size() const { return size_; }  // taken so far, refused ones among them
  [[nodiscard]] std::size_t rejected() const { return rejected_; }
  std::vector<Event>& events() { return events_; }

  // "rejected": [{"index","field","message"}], and "unlisted": n where there are more than are listed.
  void describe(Json& answer) const;

 private:
  struct Rejection {
    std::size_t index;
    Error error;
  };
  void take(Result<Event> event);

  std::vector<Event> events_;
  std::vector<Rejection> listed_;
  std::size_t rejected_ = 0;
  std::size_t size_ = 0;
};

// Whether the body is said to be one event a line.
bool are_lines(const http::Request& request);

// The rows of a whole body: a JSON array of events, one event, or one event a line.
Result<EventRows> event_rows(const View& view, const http::Request& request, UnixSeconds now);

}  // namespace zhiyin
