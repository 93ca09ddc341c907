// Items by words and by what the words mean.
#include "feed/recommend/search.h"

#include <gmock/gmock.h>

#include "support/world.h"

namespace zhiyin {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Search : public ::testing::Test {
 protected:
  void SetUp() override {
    world_.items(R"(
      cats    Cats play with wool      | animals
      kitten  A kitten and its mother  | animals, cats
      news    The evening news         | politics
      山      山中一夜                 | drama, 夜晚)");
    world_.refresh();
  }
  std::vector<Recommended> search(std::string_view query, std::size_t count = 10,
                                  Language language = Language::kEnglish) {
    return search_items(*world_.view, world_.encoders.text, query, count, language).value();
  }
  std::vector<std::string> ids(std::string_view query, std::size_t count = 10) {
    std::vector<std::string> found;
    for (const auto& item : search(query, count)) found.push_back(item.item.value);
    return found;
  }
  World world_;
};

TEST_F(Search, FindsWordsInTitlesAndTagsWhateverTheirCase) {
  EXPECT_THAT(ids("KITTEN"), ElementsAre("kitten"));
  EXPECT_THAT(ids("politics"), ElementsAre("news"));
}

TEST_F(Search, PutsWhatHasMoreOfTheWordsFirstAndKeepsToTheCount) {
  EXPECT_EQ(ids("cats wool").front(), "cats");
  EXPECT_EQ(ids("cats", 1).size(), 1U);
}

TEST_F(Search, FindsChineseWords) { EXPECT_THAT(ids("一夜"), ElementsAre("山")); }

TEST_F(Search, SaysWhyInTheLanguageThatWasAsked) {
  EXPECT_EQ(search("kitten").front().reason, "It has the words you searched for");
  EXPECT_EQ(search("kitten", 1, Language::kChinese).front().reason, "含有你搜索的词");
}

TEST_F(Search, NothingFoundIsNoError) { EXPECT_THAT(ids("xylophone"), IsEmpty()); }

TEST_F(Search, NoWordsAtAllAreAnErrorThatNamesTheField) {
  const auto found = search_items(*world_.view, world_.encoders.text, "  ", 10, Language::kEnglish);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().field, "q");
}

TEST_F(Search, LeavesHiddenItemsOut) {
  auto item = world_.store->item(ItemId("kitten")).value().value();
  item.hidden = true;
  ASSERT_TRUE(world_.store->put_items({&item, 1}).ok());
  world_.refresh();
  EXPECT_THAT(ids("kitten"), IsEmpty());
}

}  // namespace
}  // namespace zhiyin
