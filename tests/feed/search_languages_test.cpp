// A query in one language finds items in the other: a small world with the real text encoders.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "feed/recommend/search.h"
#include "support/world.h"
#include "understand/embed/manifest.h"
#include "understand/embed/text/use_encoder.h"

namespace zhiyin {
namespace {

class SearchAcrossLanguages : public testing::Test {
 protected:
  void SetUp() override {
    const auto chinese = ChineseBridge::open(model_cache());
    const auto use = UseEncoder::open(model_cache() / UseEncoder::kFolder, nullptr);
    if (!chinese.ok() || !use.ok()) {
      GTEST_SKIP() << "NOT TESTED: " << (chinese.ok() ? use.error().message : chinese.error().message)
                   << "; `./run setup` mends it";
    }
    world_.encoders.text = open_text_encoders(model_cache());
    world_.items(R"(
      noodles  How to cook spicy noodles at home
      soccer   Soccer match highlights
      piano    Relaxing piano music for sleep
      猫       搞笑小猫合集
      自行车   修理自行车轮胎
      股票     股票市场投资入门)");
  }
  std::string first(std::string_view query) {
    const auto found = search_items(*world_.view, world_.encoders.text, query, 3, Language::kEnglish);
    EXPECT_TRUE(found.ok()) << found.error().message;
    return found.ok() && !found->empty() ? found->front().item.value : "nothing";
  }
  World world_;
};

TEST_F(SearchAcrossLanguages, AChineseQueryFindsTheEnglishItem) {
  EXPECT_EQ(first("在家做辣面条"), "noodles");
  EXPECT_EQ(first("足球比赛"), "soccer");
  EXPECT_EQ(first("睡前钢琴曲"), "piano");
}

TEST_F(SearchAcrossLanguages, AnEnglishQueryFindsTheChineseItem) {
  EXPECT_EQ(first("funny kittens"), "猫");
  EXPECT_EQ(first("bicycle tire repair"), "自行车");
  EXPECT_EQ(first("investing in the stock market"), "股票");
}

TEST_F(SearchAcrossLanguages, ScriptAndMixtureDoNotMatter) {
  EXPECT_EQ(first("鋼琴 music"), "piano");
  EXPECT_EQ(first("貓 videos"), "猫");
}

}  // namespace
}  // namespace zhiyin
