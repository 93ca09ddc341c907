#include "base/http/deferred.h"

#include <cassert>
#include <utility>

namespace zhiyin::http {

PendingAnswer::~PendingAnswer() {
  if (then_) then_(error_response(500, "internal", "the server dropped this request"));
}

void PendingAnswer::answer(Response response) {
  assert(response.pending == nullptr && "an answer is not deferred twice");
  std::function<void(Response)> then;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(is_answered_, true)) return;
    then = std::exchange(then_, nullptr);
    if (!then) {
      answer_ = std::move(response);
      return;
    }
  }
  then(std::move(response));
}

void PendingAnswer::when_answered(std::function<void(Response)> then) {
  std::optional<Response> answer;
  {
    const std::lock_guard lock(mutex_);
    answer = std::exchange(answer_, std::nullopt);
    if (!answer) {
      then_ = std::move(then);
      return;
    }
  }
  then(std::move(*answer));
}

}  // namespace zhiyin::http
