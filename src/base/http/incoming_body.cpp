#include "base/http/incoming_body.h"

#include <cassert>
#include <utility>

namespace zhiyin::http {

void IncomingBody::read(Take take) {
  assert(!take_ && "a body is read once");
  take_ = std::move(take);
}

void IncomingBody::go_on() {
  const std::scoped_lock lock(mutex_);
  if (wake_) wake_();
}

bool IncomingBody::pass(Part part, std::string_view bytes) {
  if (!take_) return false;
  if (part == Part::kPiece) return take_(part, bytes);
  const auto last = std::exchange(take_, nullptr);  // what it holds may hold this
  return last(part, bytes);
}

void IncomingBody::when_wanted(std::function<void()> wake) {
  const std::scoped_lock lock(mutex_);
  wake_ = std::move(wake);
}

}  // namespace zhiyin::http
