// /openapi.json against the routes, and the board of docs/grafana against /metrics.
#include "app/serve/openapi.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "app/serve/routes.h"
#include "base/build.h"
#include "base/counters.h"
#include "base/file.h"
#include "base/http/client.h"
#include "base/http/server.h"
#include "base/text.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

class DescribedTest : public ::testing::Test {
 protected:
  DescribedTest() {
    auto home = open_home(folder_ / "home", HomeMode::kCreate).value();
    const Item item{.id = ItemId("a"), .title = "a"};
    EXPECT_TRUE(home.store->put_items({&item, 1}).ok());
    service_ = Service::start(std::move(home), clock_, {}).value();
    router_ = make_routes(*service_, folder_ / "no_page", {.reload = [] { return Result<Json>(Json::object()); }});
    description_ = openapi(router_, "/zhiyin");
  }

  // Every text below a key of that name.
  static void collect(const Json& json, std::string_view key, std::vector<std::string>& found) {
    for (const auto& [name, value] : json.members()) {
      if (name == key && value.is_string()) found.emplace_back(value.as_string());
      collect(value, key, found);
    }
    for (const auto& element : json.elements()) collect(element, key, found);
  }

  TemporaryFolder folder_;
  FixedClock clock_{1'700'000'000};
  std::unique_ptr<Service> service_;
  http::Router router_;
  Json description_;
};

TEST_F(DescribedTest, EveryRouteIsDescribedAndNothingElse) {
  std::set<std::string> described;
  for (const auto& [path, methods] : description_["paths"].members()) {
    for (const auto& [method, operation] : methods.members()) described.insert(method + " " + path);
  }
  std::set<std::string> routed;
  for (const auto& route : router_.routes())
    routed.insert(ascii_lower(http::method_name(route.method)) + " " + route.pattern);
  EXPECT_EQ(described, routed);
  EXPECT_EQ(description_["servers"].elements()[0]["url"].as_string(), "/zhiyin");
}

TEST_F(DescribedTest, EveryReferenceLeadsSomewhereAndEverySchemaIsUsed) {
  std::vector<std::string> references;
  collect(description_, "$ref", references);
  std::set<std::string> used;
  constexpr std::string_view kSchemas = "#/components/schemas/";
  for (const auto& reference : references) {
    ASSERT_TRUE(reference.starts_with(kSchemas)) << reference;
    const auto name = reference.substr(kSchemas.size());
    EXPECT_TRUE(description_["components"]["schemas"].has(name)) << reference;
    used.insert(name);
  }
  for (const auto& [name, schema] : description_["components"]["schemas"].members()) {
    EXPECT_TRUE(used.contains(name)) << name;
    EXPECT_TRUE(schema.has("type") || schema.has("oneOf")) << name;
  }
}

TEST_F(DescribedTest, WhatStandsInAPathIsAParameterAndAllSayWhatTheyAre) {
  for (const auto& [path, methods] : description_["paths"].members()) {
    for (const auto& [method, operation] : methods.members()) {
      std::size_t in_path = 0;
      for (const auto& parameter : operation["parameters"].elements()) {
        EXPECT_TRUE(parameter["schema"].has("type")) << path;
        if (parameter["in"].as_string() != "path") continue;
        ++in_path;
        EXPECT_NE(path.find("{" + std::string(parameter["name"].as_string()) + "}"), std::string::npos);
      }
      EXPECT_EQ(in_path, static_cast<std::size_t>(std::ranges::count(path, '{'))) << path;
      EXPECT_FALSE(operation["summary"].as_string().empty()) << path;
      EXPECT_EQ(operation.has("requestBody"),
                (method == "post" && !path.starts_with("/v1/admin")) || method == "put" || method == "patch")
          << method << " " << path;
    }
  }
}

// Asks every route with nothing, with something unknown and with nonsense.
TEST_F(DescribedTest, EveryRouteAnswersWithAStatusThatItNames) {
  const auto server = http::Server::start({.port = 0, .threads = 1}, [this](http::Request& request) {
                        return router_.handle(request);
                      }).value();
  for (const auto& route : router_.routes()) {
    if (route.pattern == "/v1/stream") continue;  // has no end
    for (const auto* id : {"a", "nothing", "%F0%9F%8E%B5"}) {
      for (const auto* body : {"", "{}", "[1]", R"({"user":"u","name":"n"})"}) {
        auto path = route.pattern;
        if (const auto brace = path.find('{'); brace != std::string::npos)
          path.replace(brace, path.find('}') - brace + 1, id);
        const auto client = http::Client::connect("127.0.0.1", server->port()).value();
        const bool has_body = route.method != http::Method::kGet && route.method != http::Method::kDelete;
        const auto answer = client->request(route.method, path, has_body ? body : "").value();
        const auto& operation = description_["paths"][route.pattern][ascii_lower(http::method_name(route.method))];
        EXPECT_TRUE(operation["responses"].has(std::to_string(answer.status)))
            << http::method_name(route.method) << " " << path << " " << body << ": " << answer.status;
        if (answer.status != 200) continue;
        const auto& content = operation["responses"]["200"]["content"];
        EXPECT_EQ(content.has("application/json"), answer.headers.get("Content-Type") == "application/json") << path;
      }
    }
  }
}

// The names that stand in an expression: zhiyin_..., without what Prometheus adds to histograms.
std::set<std::string> metrics_in(const std::string& expression) {
  std::set<std::string> names;
  for (auto begin = expression.find("zhiyin_"); begin != std::string::npos; begin = expression.find("zhiyin_", begin)) {
    auto end = begin;
    while (end < expression.size() &&
           (std::isalnum(static_cast<unsigned char>(expression[end])) || expression[end] == '_'))
      ++end;
    auto name = expression.substr(begin, end - begin);
    for (const std::string suffix : {"_bucket", "_sum", "_count"}) {
      if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
    }
    names.insert(name);
    begin = end;
  }
  return names;
}

TEST_F(DescribedTest, TheBoardNamesMetricsThatTheSourceHas) {
  const auto board = Json::parse(read_file(source_dir() / "docs" / "grafana" / "zhiyin.json").value()).value();
  std::vector<std::string> expressions;
  collect(board, "expr", expressions);
  EXPECT_GT(expressions.size(), 10U);
  std::string source;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source_dir() / "src")) {
    if (entry.path().extension() == ".cpp") source += read_file(entry.path()).value();
  }
  for (const auto& expression : expressions) {
    const auto names = metrics_in(expression);
    EXPECT_FALSE(names.empty()) << expression;
    for (const auto& name : names) EXPECT_NE(source.find('"' + name + '"'), std::string::npos) << name;
  }
  std::set<std::int64_t> ids;
  for (const auto& panel : board["panels"].elements()) {
    EXPECT_TRUE(ids.insert(panel["id"].as_integer()).second);
    EXPECT_TRUE(panel.has("gridPos") && panel.has("type") && panel.has("title"));
  }
}

TEST_F(DescribedTest, MetricsTellHowFreshAnswersAre) {
  const auto text = [&] {
    http::Request request{.path = "/metrics", .segments = {"metrics"}};
    return router_.handle(request).body;
  };
  EXPECT_THAT(text(), ::testing::HasSubstr("zhiyin_events_unseen{home=\"home\"} 0"));
  clock_.advance(30);
  const Event event{.type = EventType::kLike, .user = UserId("u"), .item = ItemId("a"), .time = 1'600'000'000};
  ASSERT_TRUE(service_->ingest().events({&event, 1}).ok());
  EXPECT_THAT(text(), ::testing::HasSubstr("zhiyin_event_age_seconds{home=\"home\"} 0"));
  ASSERT_TRUE(service_->home().log->append({&event, 1}).ok());  // another program's
  EXPECT_THAT(text(), ::testing::HasSubstr("zhiyin_events_unseen{home=\"home\"} 1"));
}

}  // namespace
}  // namespace zhiyin
