// Splitting what cannot be parsed as a whole.
#include "base/json_parts.h"

#include <gmock/gmock.h>

namespace zhiyin {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

TEST(JsonParts, AnArrayIsSplitAtItsOwnCommasOnly) {
  EXPECT_THAT(json_parts(R"( [1, {"a":[2,3],"b":","}, NaN ,"x\",]"] )"),
              Optional(ElementsAre("1", R"({"a":[2,3],"b":","})", "NaN", R"("x\",]")")));
  EXPECT_THAT(json_parts("[]"), Optional(IsEmpty()));
  EXPECT_THAT(json_parts("[1,]"), Optional(ElementsAre("1", "")));
}

TEST(JsonParts, WhatDoesNotCloseHasNoParts) {
  for (const auto* text : {"", "1", "[", "[1", "[1}", "[1]]", "[1] 2", R"(["a)", R"(["a\"])", "]", "{]"})
    EXPECT_EQ(json_parts(text), std::nullopt) << text;
}

TEST(JsonParts, AMemberHasANameAndAValue) {
  EXPECT_EQ(json_member(R"("a" : 1e999)"), std::make_pair(std::string_view("a"), std::string_view("1e999")));
  EXPECT_EQ(json_member(R"("a:b":{"c":1})"), std::make_pair(std::string_view("a:b"), std::string_view(R"({"c":1})")));
  for (const auto* text : {"", "a:1", R"("a")", R"("a)", R"("a" 1)"}) EXPECT_EQ(json_member(text).first, "") << text;
}

}  // namespace
}  // namespace zhiyin
