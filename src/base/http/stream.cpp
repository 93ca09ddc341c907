#include "base/http/stream.h"

#include <cassert>
#include <utility>

namespace zhiyin::http {

bool BodyStream::send(std::string_view piece) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::kOpen) return false;
  if (waiting_.size() + piece.size() > limit_) {
    waiting_.clear();
    state_ = State::kClosed;
  } else {
    waiting_ += piece;
  }
  if (wake_) wake_();
  return state_ == State::kOpen;
}

void BodyStream::end() {
  const std::lock_guard lock(mutex_);
  if (state_ != State::kOpen) return;
  state_ = State::kEnded;
  if (wake_) wake_();
}

bool BodyStream::is_open() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::kOpen;
}

bool BodyStream::is_dropped() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::kClosed;
}

void BodyStream::when_ready(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  assert(!wake_ && "a stream has one reader");
  wake_ = std::move(wake);
  if (!waiting_.empty() || state_ != State::kOpen) wake_();
}

BodyStream::Taken BodyStream::take() {
  const std::lock_guard lock(mutex_);
  return {std::exchange(waiting_, {}), state_ != State::kOpen};
}

void BodyStream::close() {
  const std::lock_guard lock(mutex_);
  state_ = State::kClosed;
  waiting_.clear();
  wake_ = nullptr;
}

}  // namespace zhiyin::http
