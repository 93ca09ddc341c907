// Traces of requests, sent to a collector that speaks OTLP over HTTP with JSON (OpenTelemetry Collector, Jaeger, Tempo).
//
// A request only puts its trace in a queue; a thread of its own sends what is there, once a second. The queue is
// bounded: what finds it full is dropped and counted (zhiyin_traces_dropped_total), and a collector that does not
// answer costs the traces, nothing else.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/http/message.h"
#include "base/result.h"
#include "base/trace.h"

namespace zhiyin {

struct TraceOptions {
  std::string endpoint;  // "http://127.0.0.1:4318"; "/v1/traces" is added where no path stands; empty: no traces
  std::string service = "zhiyin";
  std::size_t queue = 2048;  // traces that wait, at most
  double interval_s = 1;     // between two sends
};

struct FinishedTrace {
  std::shared_ptr<const Trace> trace;
  std::int64_t end_ns = 0;
  std::string method;
  std::string route;  // the pattern
  std::string request_id;
  std::string caller;
  int status = 0;
};

// Thread-safe.
class TraceExporter {
 public:
  // Errors: an endpoint that is no http:// address. That nobody listens there is none.
  static Result<std::unique_ptr<TraceExporter>> start(TraceOptions options);
  ~TraceExporter();  // sends what is left, for a second at most
  TraceExporter(const TraceExporter&) = delete;
  TraceExporter& operator=(const TraceExporter&) = delete;

  // The trace of a request: of its caller's, where a traceparent header says so, which also decides whether it is
  // written; else one in so many. Null: it is not traced.
  [[nodiscard]] std::shared_ptr<Trace> begin(const http::Request& request, double sample) const;

  void submit(FinishedTrace finished);

 private:
  struct Endpoint {
    std::string host;
    int port = 4318;
    std::string path;
  };
  static Result<Endpoint> parse(std::string_view url);
  TraceExporter(TraceOptions options, Endpoint endpoint);
  void run();
  Result<void> send(const std::vector<FinishedTrace>& batch) const;

  TraceOptions options_;
  Endpoint endpoint_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<FinishedTrace> queue_;  // GUARDED_BY(mutex_)
  bool stopping_ = false;             // GUARDED_BY(mutex_)
  std::jthread sender_;
};

// The body of one send: OTLP's ExportTraceServiceRequest as JSON.
std::string otlp_json(const std::vector<FinishedTrace>& batch, std::string_view service);

}  // namespace zhiyin
