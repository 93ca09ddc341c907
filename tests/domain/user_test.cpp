#include "domain/user.h"

#include <gtest/gtest.h>

namespace zhiyin {
namespace {

TEST(User, JsonSaysEveryFieldBothWays) {
  const std::string text = R"({"id":"ziqi","name":"Zhong Ziqi","attributes":{"hears":"mountains"}})";
  const auto user = user_from_json(Json::parse(text).value());
  ASSERT_TRUE(user.ok()) << user.error().message;
  EXPECT_EQ(to_json(*user).dump(), text);
}

TEST(User, RefusesAnUnknownField) {
  const auto user = user_from_json(Json::parse(R"({"id":"ziqi","nam":"x"})").value());
  ASSERT_FALSE(user.ok());
  EXPECT_EQ(user.error().field, "nam");
}

}  // namespace
}  // namespace zhiyin
