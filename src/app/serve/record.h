// What is written down of every answer: its numbers (/metrics), a line of log, its trace.
#pragma once

#include <atomic>
#include <memory>

#include "app/serve/trace_export.h"
#include "base/http/router.h"

namespace zhiyin {

enum class RequestLog { kOff, kDebug, kInfo };  // whether requests are logged, and as how important

struct RecordOptions {
  RequestLog log = RequestLog::kDebug;
  double trace_sample = 0.01;  // the share of requests that are traced where their sender has not decided
};

// Thread-safe. Shared with the answers that are still to come when the server has gone.
class Recorder {
 public:
  // Without an exporter nothing is traced.
  explicit Recorder(RecordOptions options, std::unique_ptr<TraceExporter> traces = nullptr);

  void set(RecordOptions options);

  // Gives the request its trace, if it is to have one.
  void begin(http::Request& request) const;
  void record(const http::Observation& seen) const;

 private:
  std::atomic<RequestLog> log_;
  std::atomic<double> trace_sample_;
  std::unique_ptr<TraceExporter> traces_;
};

}  // namespace zhiyin
