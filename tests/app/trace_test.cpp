// Traces as a collector gets them, from a collector of the test's own.
#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>

#include "app/serve/front.h"
#include "base/counters.h"
#include "base/http/server.h"
#include "base/json.h"
#include "support/world.h"

namespace zhiyin {
namespace {

using enum http::Method;

// Takes what is sent to it.
class Collector {
 public:
  Collector() {
    server_ = http::Server::start({.port = 0, .threads = 1}, [this](http::Request& request) {
                const std::scoped_lock lock(mutex_);
                EXPECT_EQ(request.path, "/v1/traces");
                const auto body = Json::parse(request.body).value();
                for (const auto& resource : body["resourceSpans"].elements()) {
                  for (const auto& scope : resource["scopeSpans"].elements()) {
                    for (const auto& span : scope["spans"].elements()) spans_.push_back(span);
                  }
                }
                changed_.notify_all();
                return http::json_response(200, Json::object());
              }).value();
  }

  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }

  std::vector<Json> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] { return spans_.size() >= count; });
    return spans_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Json> spans_;
  std::unique_ptr<http::Server> server_;
};

std::unique_ptr<Front> front_with(const TraceOptions& options, double sample) {
  auto front = std::make_unique<Front>(
      FrontOptions{}, AccessOptions{},
      std::make_shared<Recorder>(RecordOptions{.trace_sample = sample}, TraceExporter::start(options).value()));
  http::Router router;
  router.add(kGet, "/v1/items/{id}", [](const http::Request&) {
    const Span span("look_up");
    return http::text_response(503, "", "text/plain");
  });
  front->add_home("", std::move(router));
  return front;
}

void ask(const Front& front, const http::Headers& headers = {}) {
  http::Request request{.path = "/v1/items/a", .segments = {"v1", "items", "a"}, .headers = headers, .id = "req-1"};
  (void)front.handle(request);
}

constexpr const char* kTrace = "0af7651916cd43dd8448eb211c80319c";

TEST(TraceTest, TheRequestAndItsStepsArriveUnderTheCallersTrace) {
  Collector collector;
  const auto front = front_with({.endpoint = collector.endpoint(), .interval_s = 0.01}, 0);
  ask(*front, {{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}});
  const auto spans = collector.wait_for(2);
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0]["traceId"].as_string(), kTrace);
  EXPECT_EQ(spans[0]["parentSpanId"].as_string(), "b7ad6b7169203331");
  EXPECT_EQ(spans[0]["name"].as_string(), "GET /v1/items/{id}");
  EXPECT_EQ(spans[0]["kind"].as_integer(), 2);
  EXPECT_EQ(spans[0]["status"]["code"].as_integer(), 2) << "a 503 is an error";
  EXPECT_EQ(spans[0]["attributes"].elements()[2].dump(),
            R"({"key":"http.response.status_code","value":{"intValue":"503"}})");
  EXPECT_EQ(spans[1]["name"].as_string(), "look_up");
  EXPECT_EQ(spans[1]["traceId"].as_string(), kTrace);
  EXPECT_EQ(spans[1]["parentSpanId"].as_string(), spans[0]["spanId"].as_string());
  const auto ns = [](const Json& text) { return std::stoll(std::string(text.as_string())); };
  EXPECT_LE(ns(spans[0]["startTimeUnixNano"]), ns(spans[1]["startTimeUnixNano"]));
  EXPECT_LE(ns(spans[1]["endTimeUnixNano"]), ns(spans[0]["endTimeUnixNano"]));
}

TEST(TraceTest, TheStagesOfARecommendationAreSteps) {
  World world;
  world.items("cat_a A cat plays | animals\ncat_b A cat sleeps | animals");
  world.events("ann like cat_a");
  world.refresh();
  (void)world.slate("ann", 1);  // nobody traces
  Trace trace;
  {
    const TraceScope scope(&trace);
    (void)world.slate("ann", 1);
  }
  std::vector<std::string> names;
  for (const auto& step : trace.steps) names.emplace_back(step.name);
  EXPECT_THAT(names, ::testing::IsSupersetOf({"user", "collaborative", "explain"}));
}

TEST(TraceTest, TheCallerDecidesElseTheSampleDoes) {
  Collector collector;
  {
    const auto all = front_with({.endpoint = collector.endpoint(), .interval_s = 0.01}, 1);
    ask(*all, {{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}});  // decided: not sampled
    ask(*all);
    ask(*all, {{"traceparent", "00-00000000000000000000000000000000-b7ad6b7169203331-00"}});  // says nothing
    const auto none = front_with({.endpoint = collector.endpoint(), .interval_s = 0.01}, 0);
    ask(*none);
  }  // sends what is left
  const auto spans = collector.wait_for(4);
  ASSERT_EQ(spans.size(), 4U);
  for (const auto& span : spans) {
    EXPECT_NE(span["traceId"].as_string(), kTrace);
    EXPECT_EQ(span["traceId"].as_string().size(), 32U);
  }
  EXPECT_NE(spans[0]["traceId"].as_string(), spans[2]["traceId"].as_string());
}

TEST(TraceTest, AFullQueueDropsAndCountsInsteadOfWaiting) {
  auto& dropped = counter("zhiyin_traces_dropped_total", "Traces that the collector never got.");
  const auto before = dropped.value();
  {
    const auto front = front_with({.endpoint = "http://127.0.0.1:1", .queue = 3, .interval_s = 1000}, 1);
    for (int i = 0; i < 10; ++i) ask(*front);
    EXPECT_EQ(dropped.value() - before, 7);
  }
  EXPECT_EQ(dropped.value() - before, 10) << "nobody listens there";
}

}  // namespace
}  // namespace zhiyin
