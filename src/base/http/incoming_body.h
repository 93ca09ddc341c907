// A request's body that is read piece by piece, for bodies that no memory should hold whole. Which requests have one says
// ServerOptions::in_pieces; their handler is called as soon as the header is there:
//
//   const Deferred later;
//   request.incoming->read([work, later](IncomingBody::Part part, std::string_view bytes) {
//     ...                                // the last call is kEnd or kBroken; later.answer(...) at any time
//     return work->has_room();           // false: nothing is read, and the client waits, until go_on()
//   });
//   return later.response();
//
// A handler that does not read() answers at once. An answer before the end of the body closes the connection.
#pragma once

#include <functional>
#include <mutex>
#include <string_view>

namespace zhiyin::http {

class IncomingBody {
 public:
  enum class Part { kPiece, kEnd, kBroken };  // kBroken: the client has gone, was late or sent what is no HTTP

  // Called one part after another on the connection's loop, which it blocks: milliseconds are fine, seconds are not.
  using Take = std::function<bool(Part part, std::string_view bytes)>;

  // --- The handler's end.
  void read(Take take);  // once, before the handler returns
  void go_on();          // thread-safe; more than needed does no harm

  // --- The connection's end.
  [[nodiscard]] bool is_read() const { return take_ != nullptr; }
  // False: the next piece has to wait. After kEnd and kBroken nobody is called again.
  bool pass(Part part, std::string_view bytes);
  // `wake` is called at each go_on(), on that thread.
  void when_wanted(std::function<void()> wake);

 private:
  Take take_;  // of the loop alone
  std::mutex mutex_;
  std::function<void()> wake_;  // GUARDED_BY(mutex_)
};

}  // namespace zhiyin::http
