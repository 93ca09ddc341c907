#include "base/http/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zhiyin::http {
namespace {

using testing::ElementsAre;

TEST(HttpUrl, EncodedTextComesBack) {
  for (const std::string text : {"plain", "知音/伯牙 & 子期", "100%", "a+b c", "..", ""}) {
    EXPECT_EQ(percent_decode(percent_encode(text)).value(), text);
  }
  EXPECT_EQ(percent_encode("a/b 知"), "a%2Fb%20%E7%9F%A5");
}

TEST(HttpUrl, PathsAreSplitBeforeTheyAreDecoded) {
  EXPECT_THAT(split_path("/v1/items/a%2Fb/similar").value(), ElementsAre("v1", "items", "a/b", "similar"));
  EXPECT_THAT(split_path("/a+b/").value(), ElementsAre("a+b", ""));
  EXPECT_TRUE(split_path("/").value().empty());
}

TEST(HttpUrl, RefusesWhatIsNotEncodedRight) {
  for (const auto* path : {"/%", "/%4", "/%zz", "/%-1", "/a%00b", "/%FF%FE", "/%C3"}) {
    EXPECT_FALSE(split_path(path).ok()) << path;
  }
}

TEST(HttpUrl, QueriesAreDecoded) {
  const auto query = parse_query("q=%E7%9F%A5+x&n=3&flag&&n=4&=v").value();
  EXPECT_EQ(query.get("q"), "知 x");
  EXPECT_EQ(query.get("n"), "3");
  EXPECT_EQ(query.get("flag"), "");
  EXPECT_EQ(query.get("absent"), std::nullopt);
  EXPECT_EQ(query.size(), 5U);
  EXPECT_FALSE(parse_query("q=%E7").ok());
}

TEST(HttpUrl, NumbersOfAQueryKeepTheirRange) {
  const auto query = parse_query("n=20&bad=2x&big=99999999999999999999").value();
  EXPECT_EQ(query.integer("n", 10, 1, 100).value(), 20);
  EXPECT_EQ(query.integer("absent", 10, 1, 100).value(), 10);
  EXPECT_EQ(query.integer("n", 10, 1, 5).error().field, "n");
  EXPECT_FALSE(query.integer("bad", 10, 1, 100).ok());
  EXPECT_FALSE(query.integer("big", 10, 1, 100).ok());
}

TEST(HttpUrl, APathNeverLeavesItsFolder) {
  const auto inside = [](std::vector<std::string> segments) { return path_inside("/srv/web", segments); };
  EXPECT_EQ(inside({"assets", "a.js"}).value(), "/srv/web/assets/a.js");
  EXPECT_FALSE(inside({"..", "secret"}).ok());
  EXPECT_FALSE(inside({"../secret"}).ok());
  EXPECT_FALSE(inside({"/etc/passwd"}).ok());
  EXPECT_FALSE(inside({".git"}).ok());
  EXPECT_FALSE(inside({"a", "", "b"}).ok());
}

}  // namespace
}  // namespace zhiyin::http
