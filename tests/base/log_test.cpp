// A line of log, for people and for programs.
#include "base/log.h"

#include <gtest/gtest.h>

namespace zhiyin {
namespace {

const Json kFields = Json::object({{"status", 200}, {"path", "/a b"}, {"key", "shop"}, {"empty", ""}});

TEST(LogTest, IsReadByPeopleAsNamesAndValues) {
  EXPECT_EQ(log_text(LogFormat::kText, "request", kFields), R"(request status=200 path="/a b" key=shop empty="")");
}

// The log adds the opening brace with time and level before it.
TEST(LogTest, IsAnObjectForPrograms) {
  const auto line = Json::parse("{" + log_text(LogFormat::kJson, "a \"quoted\"\nline", kFields)).value();
  EXPECT_EQ(line["message"].as_string(), "a \"quoted\"\nline");
  EXPECT_EQ(line["status"].as_integer(), 200);
  EXPECT_EQ(line["path"].as_string(), "/a b");
}

TEST(LogTest, BytesThatAreNotTextDoNotBreakTheLine) {
  EXPECT_TRUE(Json::parse("{" + log_text(LogFormat::kJson, "\xff\xfe", {})).ok());
}

}  // namespace
}  // namespace zhiyin
