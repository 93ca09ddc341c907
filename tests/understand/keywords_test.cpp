#include "understand/embed/text/keywords.h"

#include <gmock/gmock.h>

#include "understand/embed/text/dictionaries.h"

namespace zhiyin {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> texts(const std::vector<Keyword>& keywords) {
  std::vector<std::string> all;
  for (const auto& keyword : keywords) all.push_back(keyword.text);
  return all;
}

KeywordFinder with_chinese() {
  auto segmenter = Segmenter::from(words_of_jieba("面条 50 n\n好吃 50 a\n的 900 uj\n辣椒油 10 n\n我们 90 r\n吃 40 v\n",
                                                  "面条 7\n好吃 5\n辣椒油 9\n我们 2\n吃 4\n")
                                       .value())
                       .value();
  auto cedict = glosses_of_cedict(R"({"all":[["麵條","面条","mian4 tiao2","noodles",[],[]]]})").value();
  return KeywordFinder(ChineseBridge::from(cedict, std::move(segmenter)).value());
}

TEST(Keywords, ThePhrasesBetweenStopWordsWin) {
  const KeywordFinder finder(nullptr);
  EXPECT_THAT(texts(finder.keywords("How to cook spicy noodles at home", 2)),
              ElementsAre("cook spicy noodles", "home"));
  EXPECT_THAT(texts(finder.keywords("The Art of Piano Music. Piano Music for the Night", 1)),
              ElementsAre("piano music"))
      << "said twice";
}

TEST(Keywords, VerbsThatSayNothingAndSmallNumbersAreNone) {
  const KeywordFinder finder(nullptr);
  EXPECT_THAT(texts(finder.keywords("Chili oil makes the difference! Ready in ten minutes. It takes practice.", 9)),
              ElementsAre("chili oil", "difference", "ready", "minutes", "practice"));
  EXPECT_THAT(texts(finder.keywords("She went there and they've seen something; you\u2019re keeping three violins", 9)),
              ElementsAre("violins"));
}

TEST(Keywords, PunctuationPartsPhrasesAndNumbersAreNone) {
  const KeywordFinder finder(nullptr);
  EXPECT_THAT(texts(finder.keywords("drums, bass; 1234 5", 9)), ElementsAre("drums", "bass"));
  EXPECT_THAT(texts(finder.keywords("rock-n-roll don't -- 'quoted'", 9)), ElementsAre("rock-n-roll", "quoted"));
}

TEST(Keywords, ALongRunOfWordsCountsWordByWord) {
  EXPECT_THAT(texts(KeywordFinder(nullptr).keywords("alpha beta gamma delta", 9)),
              ElementsAre("alpha", "beta", "gamma", "delta"));
}

TEST(Keywords, ChineseWordsCountByHowRareTheyAre) {
  EXPECT_THAT(texts(with_chinese().keywords("我们吃好吃的面条，辣椒油面条", 9)), ElementsAre("面条", "辣椒油", "好吃"));
  EXPECT_THAT(texts(with_chinese().keywords("好吃的麵條", 1)), ElementsAre("麵條")) << "in the characters of the text";
}

TEST(Keywords, AMixedTextGivesWordsOfBothLanguages) {
  const auto found = with_chinese().keywords("Chili oil 辣椒油", 9);
  EXPECT_THAT(texts(found), ElementsAre("chili oil", "辣椒油"));
  EXPECT_EQ(found[0].weight, 1);
  EXPECT_EQ(found[1].weight, 1);
}

TEST(Keywords, NothingComesOfNothing) {
  const KeywordFinder finder(nullptr);
  for (const auto* text : {"", "  ", "the of and", "!?", "12", "\xff\xfe", "面条"})
    EXPECT_THAT(finder.keywords(text, 5), IsEmpty()) << text;
  EXPECT_THAT(finder.keywords("piano", 0), IsEmpty());
}

TEST(Keywords, AsTagsBearTheirSource) {
  const auto tags = KeywordFinder(nullptr).tags("piano music", 3);
  ASSERT_EQ(tags.size(), 1U);
  EXPECT_EQ(tags[0].name, "piano music");
  EXPECT_EQ(tags[0].encoder, "text.keywords");
  EXPECT_EQ(tags[0].confidence, 1);
}

}  // namespace
}  // namespace zhiyin
