// A body that comes piece by piece, for as long as both ends like: what server-sent events are made of.
//
//   const auto stream = std::make_shared<BodyStream>();
//   subscribers.push_back(stream);                    // whoever has news calls stream->send("data: ...\n\n")
//   return {.headers = {{"Content-Type", "text/event-stream"}}, .stream = stream};
//
// The connection serves nothing else and is closed at the end, which is how the client knows it. A client that reads
// too slowly, so that more than `limit` bytes wait for it, is dropped. Thread-safe; it may outlive client and server.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace zhiyin::http {

class BodyStream {
 public:
  explicit BodyStream(std::size_t limit = 256 * 1024) : limit_(limit) {}

  // False where nobody reads any more: the client has gone, was dropped, or the server has stopped.
  bool send(std::string_view piece);
  // What was sent still arrives; then the connection is closed.
  void end();
  [[nodiscard]] bool is_open() const;

  // --- The connection's end.
  // To be called once. `wake` is called after each send() and end(), on that thread; once now, if there was one before.
  void when_ready(std::function<void()> wake);
  // What has been sent since the last call; `ended`: nothing comes after it.
  struct Taken {
    std::string bytes;
    bool ended = false;
  };
  Taken take();
  [[nodiscard]] bool is_dropped() const;  // too slowly read; what waited is gone
  void close();                           // nobody reads any more

 private:
  enum class State { kOpen, kEnded, kClosed };

  const std::size_t limit_;
  mutable std::mutex mutex_;
  State state_ = State::kOpen;  // GUARDED_BY(mutex_), as are the rest
  std::string waiting_;
  std::function<void()> wake_;
};

}  // namespace zhiyin::http
