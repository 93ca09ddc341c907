#include "app/serve/trace_export.h"

#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <random>

#include "base/build.h"
#include "base/counters.h"
#include "base/http/client.h"
#include "base/json.h"
#include "base/log.h"
#include "base/random.h"

namespace zhiyin {
namespace {

constexpr std::size_t kBatch = 512;
constexpr double kSendTimeout_s = 1;
constexpr int kServer = 2;  // OTLP's SPAN_KIND_SERVER
constexpr int kInternal = 1;
constexpr int kError = 2;  // STATUS_CODE_ERROR

Counter& dropped() { return counter("zhiyin_traces_dropped_total", "Traces that the collector never got."); }
Counter& sent() { return counter("zhiyin_traces_sent_total", "Traces that the collector took."); }

// Different on every thread and in every process; nobody has to be unable to guess them.
std::uint64_t random_bits() {
  thread_local std::uint64_t state = [] {
    std::random_device device;
    return std::uint64_t{device()} << 32U | device();
  }();
  return mix64(++state);
}

std::string new_span_id() { return fmt::format("{:016x}", random_bits() | 1U); }

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

struct Parent {
  std::string trace_id;
  std::string span_id;
  bool sampled = false;
};

// "00-<32 hex>-<16 hex>-<2 hex>", W3C Trace Context level 1; anything else counts as absent.
std::optional<Parent> parent_of(const http::Request& request) {
  const auto header = request.headers.get("traceparent");
  if (!header || header->size() < 55 || (*header)[2] != '-' || (*header)[35] != '-' || (*header)[52] != '-') return {};
  const auto trace = header->substr(3, 32);
  const auto span = header->substr(36, 16);
  const auto flags = header->substr(53, 2);
  const auto is_zero = [](std::string_view id) { return id.find_first_not_of('0') == std::string_view::npos; };
  if (!is_hex(header->substr(0, 2)) || header->starts_with("ff") || !is_hex(trace) || !is_hex(span) || !is_hex(flags) ||
      is_zero(trace) || is_zero(span))
    return {};
  const char last = flags[1];
  const int bits = last <= '9' ? last - '0' : last - 'a' + 10;
  return Parent{std::string(trace), std::string(span), (bits & 1) != 0};
}

Json attribute(const char* key, Json value) {
  const char* type = value.is_integer() ? "intValue" : "stringValue";
  if (value.is_integer()) value = std::to_string(value.as_integer());  // OTLP writes 64-bit numbers as text
  return Json::object({{"key", key}, {"value", Json::object({{type, std::move(value)}})}});
}

Json span_json(const Trace& trace, const std::string& id, const std::string& parent, std::string name, int kind,
               std::int64_t start_ns, std::int64_t end_ns) {
  auto json = Json::object({{"traceId", trace.trace_id},
                            {"spanId", id},
                            {"name", std::move(name)},
                            {"kind", kind},
                            {"startTimeUnixNano", std::to_string(start_ns)},
                            {"endTimeUnixNano", std::to_string(end_ns)}});
  if (!parent.empty()) json.set("parentSpanId", parent);
  return json;
}

void add_spans(const FinishedTrace& finished, Json& spans) {
  const auto& trace = *finished.trace;
  auto root = span_json(trace, trace.span_id, trace.parent_id,
                        fmt::format("{} {}", finished.method, finished.route.empty() ? "other" : finished.route),
                        kServer, trace.start_ns, finished.end_ns);
  auto attributes = Json::array(
      {attribute("http.request.method", finished.method), attribute("http.route", finished.route),
       attribute("http.response.status_code", finished.status), attribute("zhiyin.request", finished.request_id)});
  if (!finished.caller.empty()) attributes.push(attribute("zhiyin.key", finished.caller));
  root.set("attributes", std::move(attributes));
  if (finished.status >= 500) root.set("status", Json::object({{"code", kError}}));
  spans.push(std::move(root));
  for (const auto& step : trace.steps)
    spans.push(span_json(trace, new_span_id(), trace.span_id, step.name, kInternal, step.start_ns, step.end_ns));
}

// The first address of a name, in numbers.
Result<std::string> resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); code != 0)
    return Error{ErrorCode::kUnavailable, fmt::format("{}: {}", host, ::gai_strerror(code)), {}};
  std::array<char, NI_MAXHOST> text{};
  const int code =
      ::getnameinfo(found->ai_addr, found->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
  ::freeaddrinfo(found);
  if (code != 0) return Error{ErrorCode::kUnavailable, fmt::format("{}: {}", host, ::gai_strerror(code)), {}};
  return std::string(text.data());
}

}  // namespace

std::string otlp_json(const std::vector<FinishedTrace>& batch, std::string_view service) {
  auto spans = Json::array();
  for (const auto& finished : batch) add_spans(finished, spans);
  const auto scope = Json::object({{"name", "zhiyin"}, {"version", version()}});
  const auto resource = Json::object(
      {{"attributes", Json::array({attribute("service.name", service), attribute("service.version", version())})}});
  return Json::object(
             {{"resourceSpans",
               Json::array({Json::object(
                   {{"resource", resource},
                    {"scopeSpans", Json::array({Json::object({{"scope", scope}, {"spans", std::move(spans)}})})}})})}})
      .dump();
}

Result<TraceExporter::Endpoint> TraceExporter::parse(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  const auto wrong = [&] {
    return invalid(fmt::format("trace.endpoint is \"{}\": write it as http://127.0.0.1:4318", url), "trace.endpoint");
  };
  if (!url.starts_with(kScheme)) return wrong();
  auto rest = url.substr(kScheme.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  Endpoint endpoint;
  endpoint.path = rest.substr(slash);
  if (endpoint.path.empty() || endpoint.path == "/") endpoint.path = "/v1/traces";
  rest = rest.substr(0, slash);
  const auto colon = rest.rfind(':');
  if (colon != std::string_view::npos && !rest.ends_with(']')) {
    const auto port = rest.substr(colon + 1);
    const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
    if (failure != std::errc() || end != port.data() + port.size() || endpoint.port < 1 || endpoint.port > 65535)
      return wrong();
    rest = rest.substr(0, colon);
  }
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  if (rest.empty()) return wrong();
  endpoint.host = rest;
  return endpoint;
}

TraceExporter::TraceExporter(TraceOptions options, Endpoint endpoint)
    : options_(std::move(options)), endpoint_(std::move(endpoint)) {}

Result<std::unique_ptr<TraceExporter>> TraceExporter::start(TraceOptions options) {
  ZY_TRY(auto endpoint, parse(options.endpoint));
  std::unique_ptr<TraceExporter> exporter(new TraceExporter(std::move(options), std::move(endpoint)));
  exporter->sender_ = std::jthread([self = exporter.get()] { self->run(); });
  return exporter;
}

TraceExporter::~TraceExporter() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
}

std::shared_ptr<Trace> TraceExporter::begin(const http::Request& request, double sample) const {
  const auto parent = parent_of(request);
  if (parent ? !parent->sampled : static_cast<double>(random_bits() >> 11U) * 0x1p-53 >= sample) return nullptr;
  auto trace = std::make_shared<Trace>();
  trace->trace_id = parent ? parent->trace_id : fmt::format("{:016x}{:016x}", random_bits(), random_bits() | 1U);
  if (parent) trace->parent_id = parent->span_id;
  trace->span_id = new_span_id();
  return trace;
}

void TraceExporter::submit(FinishedTrace finished) {
  {
    const std::scoped_lock lock(mutex_);
    if (queue_.size() < options_.queue) {
      queue_.push_back(std::move(finished));
      if (queue_.size() >= kBatch) changed_.notify_all();
      return;
    }
  }
  dropped().add();
}

void TraceExporter::run() {
  bool failed = false;  // said already
  const auto interval = std::chrono::duration<double>(options_.interval_s);
  for (;;) {
    std::vector<FinishedTrace> batch;
    bool last = false;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, interval, [&] { return stopping_ || queue_.size() >= kBatch; });
      const auto count = std::min(queue_.size(), kBatch);
      const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
      batch.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
      queue_.erase(queue_.begin(), end);
      last = stopping_;
    }
    if (!batch.empty()) {
      const auto done = send(batch);
      if (done.ok()) {
        sent().add(static_cast<std::int64_t>(batch.size()));
      } else {
        dropped().add(static_cast<std::int64_t>(batch.size()));
        if (!failed) log_warning("traces: {}: they are dropped until it answers", done.error().message);
      }
      failed = !done.ok();
    }
    if (last) return;
  }
}

Result<void> TraceExporter::send(const std::vector<FinishedTrace>& batch) const {
  ZY_TRY(const auto address, resolve(endpoint_.host));
  ZY_TRY(const auto client, http::Client::connect(address, endpoint_.port, {.timeout_s = kSendTimeout_s}));
  ZY_TRY(const auto answer, client->post(endpoint_.path, otlp_json(batch, options_.service)));
  if (answer.status / 100 != 2)
    return Error{ErrorCode::kUnavailable, fmt::format("{} answered {}", options_.endpoint, answer.status), {}};
  return {};
}

}  // namespace zhiyin
