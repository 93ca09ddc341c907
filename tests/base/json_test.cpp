#include "base/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace zhiyin {
namespace {

TEST(Json, KeepsWhatWasWritten) {
  const std::string text = R"({"id":"知音","n":3,"x":0.5,"tags":["a","b"],"none":null,"ok":true})";
  EXPECT_EQ(Json::parse(text).value().dump(), text);
}

TEST(Json, TellsWholeNumbersFromOthers) {
  const auto json = Json::parse(R"([3, 3.5])").value();
  EXPECT_TRUE(json.elements()[0].is_integer());
  EXPECT_FALSE(json.elements()[1].is_integer());
  EXPECT_EQ(json.elements()[1].as_integer(-1), -1);
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const auto* text : {"", "{", "{\"a\":1,}", "[1 2]", "\"\xff\"", "nul"}) {
    EXPECT_FALSE(Json::parse(text).ok()) << text;
  }
}

TEST(Json, RefusesBottomlessNesting) { EXPECT_FALSE(Json::parse(std::string(500, '[') + std::string(500, ']')).ok()); }

TEST(Json, EscapesControlCharactersAndQuotes) { EXPECT_EQ(Json("a\"\\\n\x01").dump(), R"("a\"\\\n\u0001")"); }

TEST(Json, WritesNullForNumbersThatJsonCannotSay) {
  EXPECT_EQ(Json(std::nan("")).dump(), "null");
  EXPECT_EQ(Json(std::numeric_limits<double>::infinity()).dump(), "null");
}

TEST(Json, SetReplacesAMember) {
  auto json = Json::object({{"a", 1}});
  json.set("a", 2);
  json.set("b", "x");
  EXPECT_EQ(json.dump(), R"({"a":2,"b":"x"})");
}

}  // namespace
}  // namespace zhiyin
