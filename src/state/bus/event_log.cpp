#include "state/bus/event_log.h"

#include <future>
#include <utility>

namespace zhiyin {

Result<Appended> EventLog::append(std::span<const Event> events) {
  std::promise<Result<Appended>> answer;
  append_later({events.begin(), events.end()}, [&](std::vector<Event>, Result<Appended> appended) {  //
    answer.set_value(std::move(appended));
  });
  return answer.get_future().get();
}

}  // namespace zhiyin
