#include "app/serve/record.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "base/counters.h"
#include "base/log.h"

namespace zhiyin {
namespace {

// The numbers of one route. Finding them by name takes a lock and some writing of labels: each thread keeps what it
// has found.
struct RouteNumbers {
  explicit RouteNumbers(std::string_view pattern)
      : route(pattern.empty() ? "other" : pattern),
        seconds(histogram("zhiyin_http_request_seconds", "Time from the request read to the answer made.",
                          {{"route", route}})) {}

  Counter& answers(int status) {
    const auto found = std::ranges::find(by_status, status, &std::pair<int, Counter*>::first);
    if (found != by_status.end()) return *found->second;
    auto& made = counter("zhiyin_http_requests_total", "Requests answered.",
                         {{"route", route}, {"status", std::to_string(status)}});
    by_status.emplace_back(status, &made);
    return made;
  }

  std::string route;
  Histogram& seconds;
  std::vector<std::pair<int, Counter*>> by_status;
};

RouteNumbers& numbers_of(std::string_view pattern) {
  thread_local std::map<std::string, RouteNumbers, std::less<>> known;
  const auto found = known.find(pattern);
  return found != known.end() ? found->second : known.try_emplace(std::string(pattern), pattern).first->second;
}

void count(const http::Observation& seen) {
  auto& numbers = numbers_of(seen.pattern);
  numbers.answers(seen.status).add();
  numbers.seconds.observe(seen.seconds);
  if (!seen.request.caller.empty())
    counter("zhiyin_access_requests_total", "Requests by the key they came with.", {{"key", seen.request.caller}})
        .add();
}

void write_line(LogLevel level, const http::Observation& seen) {
  if (!log_enabled(level)) return;
  const auto& request = seen.request;
  auto fields = Json::object({{"request", request.id},
                              {"method", http::method_name(request.method)},
                              {"route", seen.pattern},
                              {"path", request.path},
                              {"status", seen.status},
                              {"ms", std::round(seen.seconds * 1e6) / 1e3},
                              {"peer", request.peer}});
  if (!request.caller.empty()) fields.set("key", request.caller);
  if (request.trace != nullptr) fields.set("trace", request.trace->trace_id);
  log_fields(level, "request", fields);
}

}  // namespace

Recorder::Recorder(RecordOptions options, std::unique_ptr<TraceExporter> traces)
    : log_(options.log), trace_sample_(options.trace_sample), traces_(std::move(traces)) {}

void Recorder::set(RecordOptions options) {
  log_ = options.log;
  trace_sample_ = options.trace_sample;
}

void Recorder::begin(http::Request& request) const {
  if (traces_ != nullptr) request.trace = traces_->begin(request, trace_sample_);
}

void Recorder::record(const http::Observation& seen) const {
  count(seen);
  if (const auto log = log_.load(); log != RequestLog::kOff)
    write_line(log == RequestLog::kInfo ? LogLevel::kInfo : LogLevel::kDebug, seen);
  if (traces_ != nullptr && seen.request.trace != nullptr) {
    traces_->submit({.trace = seen.request.trace,
                     .end_ns = unix_nanoseconds(),
                     .method = std::string(http::method_name(seen.request.method)),
                     .route = std::string(seen.pattern),
                     .request_id = seen.request.id,
                     .caller = seen.request.caller,
                     .status = seen.status});
  }
}

}  // namespace zhiyin
