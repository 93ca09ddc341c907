#include "base/counters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <thread>

namespace zhiyin {
namespace {

using ::testing::HasSubstr;

TEST(Counters, CountFromManyThreads) {
  auto& counted = counter("test_threads_total", "Threads.");
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&] {
        for (int i = 0; i < 10'000; ++i) counted.add();
      });
    }
  }
  EXPECT_EQ(counted.value(), 40'000);
}

TEST(Counters, TheSameNameAndLabelsAreTheSameCounter) {
  auto& one = counter("test_same_total", "Same.", {{"kind", "a"}});
  EXPECT_EQ(&one, &counter("test_same_total", "Same.", {{"kind", "a"}}));
  EXPECT_NE(&one, &counter("test_same_total", "Same.", {{"kind", "b"}}));
}

TEST(Counters, PrintAsPrometheusReads) {
  counter("test_events_total", "Events\nof two lines.", {{"type", "like"}}).add(3);
  counter("test_events_total", "", {{"type", "say \"hi\" \\"}}).add(1);
  gauge("test_ratio", "A ratio.").set(0.25);
  const auto text = metrics_text();
  EXPECT_THAT(text,
              HasSubstr("# HELP test_events_total Events\\nof two lines.\n# TYPE test_events_total counter\n"
                        "test_events_total{type=\"like\"} 3\ntest_events_total{type=\"say \\\"hi\\\" \\\\\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("# HELP test_ratio A ratio.\n# TYPE test_ratio gauge\ntest_ratio 0.25\n"));
}

TEST(Counters, HistogramBucketsAreCumulativeAndIncludeTheirBound) {
  constexpr std::array<double, 2> kBounds = {0.1, 1};
  auto& measured = histogram("test_seconds", "Seconds.", {{"stage", "x"}}, kBounds);
  for (const double value : {0.05, 0.1, 0.5, 7.0}) measured.observe(value);
  EXPECT_THAT(metrics_text(), HasSubstr("# TYPE test_seconds histogram\n"
                                        "test_seconds_bucket{stage=\"x\",le=\"0.1\"} 2\n"
                                        "test_seconds_bucket{stage=\"x\",le=\"1\"} 3\n"
                                        "test_seconds_bucket{stage=\"x\",le=\"+Inf\"} 4\n"
                                        "test_seconds_sum{stage=\"x\"} 7.65\n"
                                        "test_seconds_count{stage=\"x\"} 4\n"));
}

}  // namespace
}  // namespace zhiyin
