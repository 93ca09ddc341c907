// POST /v1/events: rows that cost themselves, and histories that are longer than a body may be.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "support/served_home.h"

namespace zhiyin {
namespace {

using http::Method;
using ::testing::HasSubstr;

class EventStreamTest : public ::testing::Test {
 protected:
  EventStreamTest() {
    for (const auto* id : {"a", "b"}) home_.json(Method::kPut, fmt::format("/v1/items/{}", id), R"({"title":"x"})");
    home_.refresh();
  }
  http::Response post(std::string_view body, const char* type = "application/json") {
    return home_.ask(Method::kPost, "/v1/events", body, {{"Content-Type", type}});
  }
  ServedHome home_{{.body_limit = 32 * 1024}};
};

std::string line(int i, std::string_view item = "a") {
  return fmt::format(R"({{"id":"e{}","type":"like","user":"u{}","item":"{}"}})", i, i % 50, item) + "\n";
}

TEST_F(EventStreamTest, LinesGoThroughAboveTheLimitOfABody) {
  std::string body;
  for (int i = 0; i < 5000; ++i) body += i % 1000 == 7 ? line(i, "nobody_has_this") : line(i);
  body += "\n  \n" + line(1);  // blank lines are no rows
  ASSERT_GT(body.size(), 250'000U);
  const auto answer = post(body, "application/x-ndjson");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto json = Json::parse(answer.body).value();
  EXPECT_EQ(json["accepted"].as_integer(), 4995);
  EXPECT_EQ(json["duplicates"].as_integer(), 1);
  EXPECT_EQ(json["offset"].as_integer(), 4995);
  ASSERT_EQ(json["rejected"].elements().size(), 5U);
  EXPECT_EQ(json["rejected"].elements()[2]["index"].as_integer(), 2007);
  EXPECT_EQ(json["rejected"].elements()[2]["field"].as_string(), "item");
  EXPECT_EQ(home_.service().live().user(UserId("u3"))->events, 100);
  EXPECT_EQ(post(std::string(40'000, ' ')).status, 413);  // what is no lines keeps the limit
}

TEST_F(EventStreamTest, OfManyRefusedRowsTheFirstAreListedAndTheRestCounted) {
  std::string body;
  for (int i = 0; i < 3000; ++i) body += line(i, "nobody_has_this");
  const auto json = Json::parse(post(body, "application/x-ndjson").body).value();
  EXPECT_EQ(json["accepted"].as_integer(), 0);
  EXPECT_EQ(json["rejected"].elements().size(), 1000U);
  EXPECT_EQ(json["unlisted"].as_integer(), 2000);
}

TEST_F(EventStreamTest, ALineWithoutAnEndIsCutAndCostsItself) {
  const auto body = line(1) + R"({"id":")" + std::string(600'000, 'x') + "\"}\n" + line(2) + line(3);
  const auto json = Json::parse(post(body.substr(0, body.size() - 1), "application/x-ndjson").body).value();
  EXPECT_EQ(json["accepted"].as_integer(), 3);
  ASSERT_EQ(json["rejected"].elements().size(), 1U);
  EXPECT_EQ(json["rejected"].elements()[0]["index"].as_integer(), 1);
}

TEST_F(EventStreamTest, ABadNumberInAnArrayCostsItsRow) {
  const auto answer = post(R"([{"type":"like","user":"u","item":"a"},
    {"type":"view","user":"u","item":"a","value":1e999}, {"type":"view","user":"u","item":"b","value":NaN},
    {"type":"like","user":"u","item":"b"}])");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto json = Json::parse(answer.body).value();
  EXPECT_EQ(json["accepted"].as_integer(), 2);
  ASSERT_EQ(json["rejected"].elements().size(), 2U);
  const auto& first = json["rejected"].elements()[0];
  EXPECT_EQ(first["index"].as_integer(), 1);
  EXPECT_EQ(first["field"].as_string(), "value");
  EXPECT_THAT(std::string(first["message"].as_string()), HasSubstr("1e999"));
  EXPECT_EQ(json["rejected"].elements()[1]["index"].as_integer(), 2);
}

TEST_F(EventStreamTest, WhatIsNoJsonAtAllIsRefusedWhole) {
  for (const auto* body : {"hello", "[hello]", "[{\"type\":\"like\",\"user\":\"u\",\"item\":\"a\"}", "[{}},{]",
                           "[{\"type\":\"like\",\"user\":\"u\",\"item\":\"a\"},]"})
    EXPECT_EQ(post(body).status, 400) << body;
}

}  // namespace
}  // namespace zhiyin
