// Chinese words and their English: first with small dictionaries written here, then with the real ones of the cache.
#include <gmock/gmock.h>

#include "understand/embed/manifest.h"
#include "understand/embed/text/bridge.h"
#include "understand/embed/text/dictionaries.h"

namespace zhiyin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> words_of(const Segmenter& segmenter, std::string_view text) {
  std::vector<std::string> words;
  for (const auto& word : segmenter.cut(text)) words.emplace_back(word.text);
  return words;
}

// 研究生命 is either "study life" or "postgraduate fate": the frequencies decide.
constexpr std::string_view kWords =
    "研究 100 vn\n研究生 20 n\n生命 80 n\n命 30 n\n的 1000 uj\n猫 50 n\n大猫 1 n\n三 40 m\n只 60 q\n";
constexpr std::string_view kIdf = "研究 4.5\n猫 8.0\n生命 6.0\n";
constexpr std::string_view kEntries = R"js(export default {"all":[
  ["研究","研究","yan2 jiu1",["research","a study"],[],[]],
  ["生命","生命","sheng1 ming4","life (as the characteristic of living beings)",[],[]],
  ["貓","猫","mao1",["cat (CL:隻|只[zhi1])","(dialect) to hide oneself"],[],[]],
  ["貓","猫","mao2","used in 貓腰|猫腰[mao2 yao1]",[],[]],
  ["蘋果","苹果","Ping2 guo3","Apple (American tech company)",[],[]],
  ["蘋果","苹果","ping2 guo3","apple",[],[]],
  ["三","三","san1","three",[],[]],
  ["后","后","hou4",["empress; queen","(archaic) monarch"],[],[]],
  ["後","后","hou4",["back","behind","after","later"],[],[]]
]})js";

std::unique_ptr<const Segmenter> small_segmenter(std::string_view words = kWords) {
  return Segmenter::from(words_of_jieba(words, kIdf).value()).value();
}
std::unique_ptr<const ChineseBridge> small_bridge() {
  return ChineseBridge::from(glosses_of_cedict(kEntries).value(), small_segmenter()).value();
}

TEST(Segmenter, TakesTheMostProbableCut) {
  EXPECT_THAT(words_of(*small_segmenter(), "研究生命"), ElementsAre("研究", "生命"));
  EXPECT_THAT(words_of(*small_segmenter("研究 1 v\n研究生 5000 n\n生命 1 n\n命 5000 n\n"), "研究生命"),
              ElementsAre("研究生", "命"));
}

TEST(Segmenter, CharactersThatNoWordCoversStandAlone) {
  EXPECT_THAT(words_of(*small_segmenter(), "鼹猫鼱"), ElementsAre("鼹", "猫", "鼱"));
  EXPECT_THAT(words_of(*small_segmenter(), ""), ElementsAre());
  EXPECT_THAT(words_of(*small_segmenter(), "\xe7\x8c"), ElementsAre("\xe7\x8c")) << "half a character harms nobody";
}

TEST(Segmenter, SaysOfAWordWhatItIsAndHowTelling) {
  const auto words = small_segmenter()->cut("猫的鼹");
  ASSERT_EQ(words.size(), 3U);
  EXPECT_EQ(words[0].kind, WordKind::kNoun);
  EXPECT_FLOAT_EQ(words[0].idf, 8.0F);
  EXPECT_EQ(words[1].kind, WordKind::kFunction);
  EXPECT_FLOAT_EQ(words[1].idf, 6.0F) << "nobody counted it: the median";
  EXPECT_FALSE(words[2].known);
}

TEST(Dictionaries, ALineThatIsNoneIsNamed) {
  EXPECT_THAT(words_of_jieba("研究 100 v\n生命\n", kIdf).error().message, HasSubstr("dict.txt:2"));
  EXPECT_THAT(words_of_jieba(kWords, "猫 much\n").error().message, HasSubstr("idf.txt:1"));
  EXPECT_THAT(glosses_of_cedict(R"({"all":[["a","b"]]})").error().message, HasSubstr("entry 0"));
  EXPECT_FALSE(glosses_of_cedict("export default nothing").ok());
}

TEST(Dictionaries, TheFirstPlainMeaningCounts) {
  EXPECT_EQ(plain_meaning("to cook; to boil"), "cook");
  EXPECT_EQ(plain_meaning("(bound form) row; line"), "row");
  EXPECT_EQ(plain_meaning("bird (zoology) of prey"), "bird of prey");
  EXPECT_EQ(plain_meaning("variant of 猫[mao1]"), "");
  EXPECT_EQ(plain_meaning("surname Mao"), "");
  EXPECT_EQ(plain_meaning("classifier for rows or lines"), "");
  EXPECT_EQ(plain_meaning("a long explanation of what the word is used for in such cases"), "");
}

TEST(Bridge, PutsWordsForWordsAndLeavesTheRestInItsPlace) {
  const auto bridge = small_bridge();
  EXPECT_EQ(bridge->to_english("研究生命"), "research life");
  EXPECT_EQ(bridge->to_english("my 猫 video"), "my cat video");
  EXPECT_EQ(bridge->to_english("猫vs猫！"), "cat vs cat!");
  EXPECT_EQ(bridge->to_english("A cat。"), "A cat.");
  EXPECT_EQ(bridge->to_english("no Chinese at all"), "no Chinese at all");
}

TEST(Bridge, LeavesOutWhatSaysNothingOfASubject) {
  EXPECT_EQ(small_bridge()->to_english("三只猫的研究"), "cat research") << "numbers, measure words and particles";
}

TEST(Bridge, AWordWithoutMeaningIsReadByItsParts) { EXPECT_EQ(small_bridge()->to_english("大猫"), "cat"); }

TEST(Bridge, OrdinaryWordsComeBeforeNames) { EXPECT_EQ(small_bridge()->gloss("苹果"), "apple"); }

TEST(Bridge, TraditionalIsReadAsSimplifiedButForCharactersThatAreBoth) {
  const auto bridge = small_bridge();
  EXPECT_EQ(bridge->to_english("貓"), "cat");
  EXPECT_EQ(bridge->simplified("蘋果與貓"), "苹果與猫") << "與 is in no entry here";
  EXPECT_EQ(bridge->simplified("後"), "后");
  EXPECT_EQ(bridge->simplified("后"), "后") << "is simplified itself";
}

class RealDictionaries : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = ChineseBridge::open(model_cache());
    if (!opened.ok())
      GTEST_SKIP() << "NOT TESTED: " << opened.error().message << "; `./run setup` makes the dictionaries";
    bridge_ = std::move(opened).value();
  }
  std::unique_ptr<const ChineseBridge> bridge_;
};

TEST_F(RealDictionaries, CutSentences) {
  const auto& segmenter = bridge_->segmenter();
  EXPECT_THAT(words_of(segmenter, "如何在家制作麻辣面条"), ElementsAre("如何", "在家", "制作", "麻辣", "面条"));
  EXPECT_THAT(words_of(segmenter, "我的猫喜欢睡觉"), ElementsAre("我", "的", "猫", "喜欢", "睡觉"));
  EXPECT_THAT(words_of(segmenter, "著名歌手在北京举办演唱会"),
              ElementsAre("著名", "歌手", "在", "北京", "举办", "演唱会"));
  EXPECT_THAT(words_of(segmenter, "今晚足球比赛的精彩瞬间"), ElementsAre("今晚", "足球比赛", "的", "精彩", "瞬间"));
}

TEST_F(RealDictionaries, TellWhatWordsMean) {
  EXPECT_EQ(bridge_->to_english("我的猫喜欢睡觉"), "cat like go to bed");
  EXPECT_EQ(bridge_->to_english("一只企鹅。"), "penguin.");
  EXPECT_EQ(bridge_->to_english("體驗台灣的音樂"), bridge_->to_english("体验台湾的音乐"));
  EXPECT_THAT(bridge_->to_english("用 Python 做机器学习"), HasSubstr("Python"));
  EXPECT_EQ(bridge_->gloss("黄瓜"), "cucumber");
  EXPECT_EQ(bridge_->gloss("鸟"), "bird");
}

}  // namespace
}  // namespace zhiyin
