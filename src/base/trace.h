// The steps of one request, for a tracing system: who measures a step need not know who reads it.
//
//   const TraceScope scope(request.trace.get());   // on this thread, from here on
//   ...
//   const Span span("gather");                     // anywhere below: one step, until the end of its scope
//
// Where nothing is traced, a Span costs a look at a thread's own pointer.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace zhiyin {

inline std::int64_t unix_nanoseconds() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

struct TraceStep {
  const char* name;  // of the program's own text
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
};

// Ids as the W3C's Trace Context writes them, lower-case hex. Confined to one thread at a time.
class Trace {
 public:
  std::string trace_id;   // 32 digits
  std::string span_id;    // 16 digits: of the request as a whole
  std::string parent_id;  // 16 digits, or empty: of the caller's span
  std::int64_t start_ns = unix_nanoseconds();
  std::vector<TraceStep> steps;
};

// The trace that Spans of this thread write to, while it lives. Null: none.
class TraceScope {
 public:
  explicit TraceScope(Trace* trace) : outer_(current()) { current() = trace; }
  ~TraceScope() { current() = outer_; }
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  friend class Span;
  static Trace*& current() {
    thread_local Trace* trace = nullptr;
    return trace;
  }
  Trace* outer_;
};

class Span {
 public:
  explicit Span(const char* name) : trace_(TraceScope::current()), name_(name) {
    if (trace_ != nullptr) start_ns_ = unix_nanoseconds();
  }
  ~Span() {
    if (trace_ != nullptr) trace_->steps.push_back({name_, start_ns_, unix_nanoseconds()});
  }
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;

 private:
  Trace* trace_;
  const char* name_;
  std::int64_t start_ns_ = 0;
};

}  // namespace zhiyin
