// An answer that is not there yet: what a handler gives back when its answer waits for something that is not this
// thread's work, such as an fsync that many requests share. The loop goes on with other connections meanwhile.
//
//   const Deferred later;
//   log.append(std::move(events), [later](const Result<Appended>& appended) { later.answer(response_of(appended)); });
//   return later.response();
//
// Copies of a Deferred are one answer. Thread-safe: it may be answered from any thread, before or after response() has
// reached the server, and after the client or the server has gone (then nobody hears it). The first answer counts. When
// the last copy goes without one, the answer is a 500: a callback that was dropped leaves no request hanging.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "base/http/message.h"

namespace zhiyin::http {

// Where the answer and who waits for it meet; Response::pending holds one end, Deferred the other.
class PendingAnswer {
 public:
  PendingAnswer() = default;
  ~PendingAnswer();
  PendingAnswer(const PendingAnswer&) = delete;
  PendingAnswer& operator=(const PendingAnswer&) = delete;

  // The first call counts. The answer must not be deferred itself.
  void answer(Response response);

  // To be called once. `then` is called once: now if the answer is there, else on the thread that answers.
  void when_answered(std::function<void(Response)> then);

 private:
  std::mutex mutex_;
  bool is_answered_ = false;            // GUARDED_BY(mutex_)
  std::optional<Response> answer_;      // GUARDED_BY(mutex_): until it is taken
  std::function<void(Response)> then_;  // GUARDED_BY(mutex_): until it is called
};

class Deferred {
 public:
  Deferred() : pending_(std::make_shared<PendingAnswer>()) {}

  // The response that stands for this answer.
  [[nodiscard]] Response response() const { return {.pending = pending_}; }
  void answer(Response response) const { pending_->answer(std::move(response)); }

 private:
  std::shared_ptr<PendingAnswer> pending_;
};

}  // namespace zhiyin::http
