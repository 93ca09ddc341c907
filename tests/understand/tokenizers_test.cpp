// The three families of tokenizers, against ids derived by hand on small vocabularies.
#include <gmock/gmock.h>

#include <cstring>

#include "base/file.h"
#include "support/temporary_folder.h"
#include "understand/embed/text/bpe_tokenizer.h"
#include "understand/embed/text/sentencepiece_model.h"
#include "understand/embed/text/tokenizer_json.h"
#include "understand/embed/text/unigram_tokenizer.h"
#include "understand/embed/text/wordpiece_tokenizer.h"

namespace zhiyin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Vocabulary vocabulary_of(const std::vector<std::string>& tokens) {
  Vocabulary vocabulary;
  for (std::size_t i = 0; i < tokens.size(); ++i) vocabulary.add(tokens[i], static_cast<std::int64_t>(i));
  return vocabulary;
}

const std::vector<std::string> kWords = {"[PAD]", "[UNK]", "[CLS]", "[SEP]",  "the", "cat", "##s",
                                         "play",  "##ing", "##ed",  "!",      ",",   "音",  "乐",
                                         "cafe",  "un",    "##aff", "##able", "##乐"};

std::unique_ptr<WordPieceTokenizer> wordpiece() {
  return WordPieceTokenizer::make(vocabulary_of(kWords), bert_normaliser(true, true, true, true)).value();
}

TEST(WordPiece, TakesTheLongestTokenAndGoesOn) {
  EXPECT_THAT(wordpiece()->encode("The cats, playing!"), ElementsAre(4, 5, 6, 11, 7, 8, 10));
  EXPECT_THAT(wordpiece()->encode("unaffable"), ElementsAre(15, 16, 17));
}

TEST(WordPiece, ReadsChineseCharacterByCharacterAndDropsAccents) {
  EXPECT_THAT(wordpiece()->encode("音乐Café"), ElementsAre(12, 13, 14));
  const auto kept = WordPieceTokenizer::make(vocabulary_of(kWords), bert_normaliser(true, false, true, true)).value();
  EXPECT_THAT(kept->encode("音乐"), ElementsAre(12, 18)) << "a word, where Han characters are not taken apart";
}

TEST(WordPiece, AWordThatCannotBePutTogetherIsUnknownAsAWhole) {
  EXPECT_THAT(wordpiece()->encode("the dogs"), ElementsAre(4, 1));
  EXPECT_THAT(wordpiece()->encode("catx"), ElementsAre(1));
  std::string longer = "un";
  for (int i = 0; i < 33; ++i) longer += "aff";
  EXPECT_THAT(wordpiece()->encode(longer), ElementsAre(1)) << "101 characters";
  EXPECT_EQ(wordpiece()->encode(longer.substr(0, 98)).size(), 33U);
}

TEST(WordPiece, SpecialTokensInATextAreTextAndControlsAreNothing) {
  EXPECT_THAT(wordpiece()->encode("[SEP]"), ElementsAre(1, 1, 1));
  EXPECT_THAT(wordpiece()->encode("c\x01"
                                  "at\u00A0the\xFF"),
              ElementsAre(5, 4));
  EXPECT_THAT(wordpiece()->encode(" \n"), IsEmpty());
}

TEST(WordPiece, SpellsWordsAgain) {
  EXPECT_EQ(wordpiece()->decode(wordpiece()->encode("the cats playing")), "the cats playing");
}

TEST(WordPiece, RefusesAVocabularyWithoutUnknown) {
  const auto made = WordPieceTokenizer::make(vocabulary_of({"a", "b"}), {});
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(made.error().message, HasSubstr("[UNK]"));
}

const std::vector<std::string> kPieces = {"b",  "g",  "h",   "n",    "p", "s", "u", "Ġ",
                                          "ug", "un", "hug", "Ġhug", "ç", "Ł", "¥", "çŁ"};
const std::vector<BpeTokenizer::Merge> kMerges = {{"u", "g"}, {"u", "n"}, {"h", "ug"}, {"Ġ", "hug"}, {"ç", "Ł"}};

std::unique_ptr<BpeTokenizer> bpe(std::vector<std::string> pieces = kPieces,
                                  std::vector<BpeTokenizer::Merge> merges = kMerges) {
  BpeTokenizer::Options options;
  options.splitter.cut(Pattern::compile(Splitter::kGpt2).value(), Splitter::Rest::kKept);
  return BpeTokenizer::make(vocabulary_of(pieces), merges, std::move(options)).value();
}

TEST(Bpe, WritesBytesAsVisibleLetters) {
  EXPECT_EQ(byte_letters()['A'], "A");
  EXPECT_EQ(byte_letters()[' '], "Ġ");
  EXPECT_EQ(byte_letters()['\n'], "Ċ");
  EXPECT_EQ(byte_letters()[0x7F], "\u0121");
  EXPECT_EQ(byte_letters()[0xAD], "\u0143");
  EXPECT_EQ(byte_letters()[0xFF], "ÿ");
}

TEST(Bpe, MergesWhatWasLearnedFirst) {
  EXPECT_THAT(bpe()->encode("hugs bug"), ElementsAre(10, 5, 7, 0, 8));
  EXPECT_THAT(bpe()->encode("pun hug"), ElementsAre(4, 9, 11));
  EXPECT_THAT(bpe({"a", "aa"}, {{"a", "a"}})->encode("aaaaa"), ElementsAre(1, 1, 0)) << "of equals the leftmost";
  EXPECT_THAT(bpe()->encode(""), IsEmpty());
}

TEST(Bpe, ReadsChineseByteByByteAndBack) {
  // 知 is E7 9F A5: "ç", "Ł" and "¥", the first two merged.
  EXPECT_THAT(bpe()->encode("知hug"), ElementsAre(15, 14, 10));
  EXPECT_EQ(bpe()->decode(bpe()->encode("知hugs hug")), "知hugs hug");
  EXPECT_EQ(bpe()->decode(std::vector<std::int64_t>{12, 999}), "\uFFFD") << "half a character, and an id of nothing";
}

TEST(Bpe, AThousandLettersAreMergedAsTheDefinitionSays) {
  // The definition: again and again the best merge of all neighbours, everywhere from the left.
  std::string text;
  for (unsigned i = 0; i < 1000; ++i) text += "ughnpb"[(i * i + i / 7) % 6];
  std::vector<std::string> letters;
  for (const char c : text) letters.emplace_back(1, c);
  for (;;) {
    std::size_t best = kMerges.size();
    for (std::size_t i = 0; i + 1 < letters.size(); ++i) {
      for (std::size_t m = 0; m < best; ++m) {
        if (kMerges[m].first == letters[i] && kMerges[m].second == letters[i + 1]) best = m;
      }
    }
    if (best == kMerges.size()) break;
    for (std::size_t i = 0; i + 1 < letters.size(); ++i) {
      if (kMerges[best].first != letters[i] || kMerges[best].second != letters[i + 1]) continue;
      letters[i] += letters[i + 1];
      letters.erase(letters.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    }
  }
  std::vector<std::int64_t> expected;
  for (const auto& letter : letters) expected.push_back(bpe()->id_of(letter).value());
  EXPECT_EQ(bpe()->encode(text), expected);
}

TEST(Bpe, RefusesMergesOfAnotherVocabulary) {
  const std::vector<BpeTokenizer::Merge> merges{{"u", "g"}, {"x", "y"}};
  const auto made = BpeTokenizer::make(vocabulary_of(kPieces), merges, {});
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(made.error().message, HasSubstr("merge 2 \"x y\": \"x\" is not in the vocabulary"));
}

std::vector<UnigramTokenizer::Piece> unigram_pieces() {
  return {{"<unk>", 0, false}, {"<s>", 0, false}, {"</s>", 0, false}, {"▁", -6},  {"▁ab", -4}, {"c", -3},
          {"▁a", -1},          {"bc", -2},        {"音乐", -5},       {"音", -2}, {"乐", -2},  {"A", -3}};
}

std::unique_ptr<UnigramTokenizer> unigram(UnigramTokenizer::Options options = {}) {
  return UnigramTokenizer::make(unigram_pieces(), std::move(options)).value();
}

TEST(Unigram, FindsTheMostLikelyPiecesNotTheLongest) {
  EXPECT_THAT(unigram()->encode("abc"), ElementsAre(6, 7)) << "▁a bc: -3; ▁ab c: -7";
  EXPECT_THAT(unigram()->encode("音乐"), ElementsAre(3, 9, 10)) << "音 乐: -4; 音乐: -5";
  EXPECT_THAT(unigram()->encode("  abc   abc "), ElementsAre(6, 7, 6, 7));
  EXPECT_THAT(unigram()->encode("   "), IsEmpty());
}

TEST(Unigram, ARunOfUnknownCharactersIsOneToken) {
  EXPECT_THAT(unigram()->encode("abc狗狗bc"), ElementsAre(6, 7, 0, 7));
  EXPECT_EQ(unigram()->decode(std::vector<std::int64_t>{6, 7, 6, 7}), "abc abc");
}

TEST(Unigram, SpellsUnknownCharactersInBytesWhereItCan) {
  auto pieces = unigram_pieces();
  for (int byte = 0; byte < 256; ++byte) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", byte);
    pieces.push_back({name, 0, false});
  }
  const auto spelled = UnigramTokenizer::make(pieces, {.bytes = true}).value();
  EXPECT_THAT(spelled->encode("a知"), ElementsAre(6, 12 + 0xE7, 12 + 0x9F, 12 + 0xA5));
  EXPECT_EQ(spelled->decode(spelled->encode("a知")), "a知");
  EXPECT_FALSE(UnigramTokenizer::make(unigram_pieces(), {.bytes = true}).ok());
}

// --- Files.

// A protobuf message, as SentencePiece writes its models.
struct Message {
  std::string bytes;
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) bytes += static_cast<char>(value | 0x80U);
    bytes += static_cast<char>(value);
  }
  void integer(int field, std::uint64_t value) {
    varint(static_cast<std::uint64_t>(field) << 3U);
    varint(value);
  }
  void real(int field, float value) {
    varint(static_cast<std::uint64_t>(field) << 3U | 5U);
    bytes.append(reinterpret_cast<const char*>(&value), 4);
  }
  void text(int field, std::string_view value) {
    varint(static_cast<std::uint64_t>(field) << 3U | 2U);
    varint(value.size());
    bytes += value;
  }
};

// A table that makes "Ａ" (EF BC A1) an "A": a double array laid out by hand.
std::string charsmap() {
  std::vector<std::uint32_t> units(0x1DF3, 0);
  units[0] = 0x100U << 10U;
  units[0x1EF] = 0x400U << 10U | 0xEFU;
  units[0x553] = 0x800U << 10U | 0xBCU;
  units[0xDF2] = 0x1000U << 10U | 1U << 8U | 0xA1U;
  units[0x1DF2] = 1U << 31U | 2U;
  const auto size = static_cast<std::uint32_t>(units.size() * 4);
  std::string bytes(reinterpret_cast<const char*>(&size), 4);
  bytes.append(reinterpret_cast<const char*>(units.data()), size);
  return bytes + std::string("x\0A\0", 4);
}

std::string sentencepiece_model(std::uint64_t type) {
  Message model;
  for (const auto& piece : unigram_pieces()) {
    Message one;
    one.text(1, piece.text);
    one.real(2, static_cast<float>(piece.score));
    if (!piece.matched) one.integer(3, piece.text == "<unk>" ? 2 : 3);
    model.text(1, one.bytes);
  }
  Message training;
  training.integer(3, type);
  model.text(2, training.bytes);
  Message normalisation;
  normalisation.text(1, "hand");
  normalisation.text(2, charsmap());
  model.text(3, normalisation.bytes);
  return model.bytes;
}

TEST(SentencePieceModel, IsReadByHand) {
  const auto tokenizer = sentencepiece_tokenizer(sentencepiece_model(1), 0).value();
  EXPECT_THAT(tokenizer->encode("abc 音乐"), ElementsAre(6, 7, 3, 9, 10));
  EXPECT_THAT(tokenizer->encode("aＡ"), ElementsAre(6, 11)) << "by the model's own table of characters";
  EXPECT_EQ(sentencepiece_tokenizer(sentencepiece_model(1), 1).value()->encode("abc"),
            (std::vector<std::int64_t>{7, 8}));
}

TEST(SentencePieceModel, RefusesOtherTypesAndDamage) {
  const auto other = sentencepiece_tokenizer(sentencepiece_model(2), 0);
  ASSERT_FALSE(other.ok());
  EXPECT_THAT(other.error().message, HasSubstr("only unigram"));
  const auto whole = sentencepiece_model(1);
  for (std::size_t cut = 1; cut < whole.size(); cut += 997) {
    const auto read = sentencepiece_tokenizer(std::string_view(whole).substr(0, cut), 0);
    if (!read.ok()) {
      EXPECT_FALSE(read.error().message.empty()) << cut;
    }
  }
  EXPECT_FALSE(sentencepiece_tokenizer("this is a text", 0).ok());
}

std::string wordpiece_json() {
  std::string vocab;
  for (std::size_t i = 0; i < kWords.size(); ++i)
    vocab += (i == 0 ? "\"" : ",\"") + kWords[i] + "\":" + std::to_string(i);
  return R"({"added_tokens":[{"id":2,"content":"[CLS]","special":true},{"id":3,"content":"[SEP]","special":true}],
    "normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},
    "pre_tokenizer":{"type":"BertPreTokenizer"},
    "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
      {"SpecialToken":{"id":"[SEP]","type_id":0}}],"special_tokens":{"[CLS]":{"id":"[CLS]","ids":[2]},"[SEP]":{"id":"[SEP]","ids":[3]}}},
    "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{)" +
         vocab + "}}}";
}

TEST(TokenizerJson, BringsBertsRulesAndFrame) {
  const auto framed = tokenizer_from_json(wordpiece_json(), TokenizerKind::kWordPiece).value();
  EXPECT_THAT(framed.encode("音乐Café", 512), ElementsAre(2, 12, 13, 14, 3));
  EXPECT_THAT(framed.encode("the cats playing", 4), ElementsAre(2, 4, 5, 3)) << "the text is cut, not its frame";
}

// CLIP's: lower case, words end with "</w>", what no pattern takes is dropped.
constexpr const char* kClipJson =
    R"({"added_tokens":[{"id":6,"content":"<|startoftext|>"},{"id":7,"content":"<|endoftext|>"}],
  "normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Replace","pattern":{"Regex":"\\s+"},"content":" "},{"type":"Lowercase"}]},
  "pre_tokenizer":{"type":"Sequence","pretokenizers":[
    {"type":"Split","pattern":{"Regex":"'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"},"behavior":"Removed","invert":true},
    {"type":"ByteLevel","add_prefix_space":false}]},
  "post_processor":{"type":"RobertaProcessing","cls":["<|startoftext|>",6],"sep":["<|endoftext|>",7]},
  "model":{"type":"BPE","end_of_word_suffix":"</w>","merges":["c a","ca t</w>"],
    "vocab":{"c":0,"a":1,"t":2,"t</w>":3,"ca":4,"cat</w>":5,"<|startoftext|>":6,"<|endoftext|>":7,"1":8,"1</w>":9}}})";

TEST(TokenizerJson, BringsClipsRulesAndFrame) {
  const auto framed = tokenizer_from_json(kClipJson, TokenizerKind::kBpe).value();
  EXPECT_THAT(framed.encode("Cat \n 11  CAT", 77), ElementsAre(6, 5, 9, 9, 5, 7));
  EXPECT_THAT(framed.encode("catt", 77), ElementsAre(6, 4, 2, 3, 7));
}

TEST(TokenizerJson, BringsUnigramPieces) {
  const std::string json =
      R"({"normalizer":{"type":"NFKC"},"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},
    {"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}]},"model":{"type":"Unigram","unk_id":1,
    "vocab":[["<s>",0.0],["<unk>",0.0],["▁a",-1.0],["bc",-2.0],["音",-2.5],["▁",-6.0]]}})";
  const auto framed = tokenizer_from_json(json, TokenizerKind::kUnigram).value();
  EXPECT_THAT(framed.tokenizer->encode("ａbc  音狗"), ElementsAre(2, 3, 5, 4, 1));
}

TEST(TokenizerJson, ATextThatWouldBeCutInAnotherWayIsRefused) {
  const auto read = tokenizer_from_json(R"({"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Metaspace"},
    {"type":"Digits"}]},"model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0.0]]}})",
                                        TokenizerKind::kUnigram);
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().message, HasSubstr("cut by more than WhitespaceSplit and Metaspace"));
}

TEST(TokenizerJson, NamesWhatItDoesNotUnderstand) {
  auto json = std::string(kClipJson);
  json.replace(json.find("NFC"), 3, "XYZ");
  const auto read = tokenizer_from_json(json, TokenizerKind::kBpe);
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().message, HasSubstr("a normalizer of type \"XYZ\" is not understood"));
  const auto other = tokenizer_from_json(kClipJson, TokenizerKind::kUnigram);
  ASSERT_FALSE(other.ok());
  EXPECT_THAT(other.error().message, HasSubstr("a model of type BPE"));
}

TEST(TokenizerFiles, TheUsualFilesMakeTheSameTokenizer) {
  const TemporaryFolder folder;
  std::string lines;
  for (const auto& word : kWords) lines += word + "\n";
  ASSERT_TRUE(write_file_atomic(folder / "vocab.txt", lines).ok());
  const auto bert = open_tokenizer({.kind = TokenizerKind::kWordPiece, .file = folder / "vocab.txt"}).value();
  EXPECT_THAT(bert.encode("Cats", 512), ElementsAre(2, 5, 6, 3));
  EXPECT_EQ(bert.pad, 0);

  ASSERT_TRUE(
      write_file_atomic(folder / "vocab.json", R"({"a":0,"b":1,"Ġ":2,"ab":3,"<s>":4,"</s>":5,"<pad>":6})").ok());
  ASSERT_TRUE(write_file_atomic(folder / "merges.txt", "#version: 0.2\na b\n").ok());
  const auto roberta = open_tokenizer({.kind = TokenizerKind::kBpe,
                                       .file = folder / "vocab.json",
                                       .merges = folder / "merges.txt",
                                       .lower_case = false})
                           .value();
  EXPECT_THAT(roberta.encode("ab a", 512), ElementsAre(4, 3, 2, 0, 5));
  EXPECT_EQ(roberta.pad, 6);

  ASSERT_TRUE(write_file_atomic(folder / "spiece.model", sentencepiece_model(1)).ok());
  const auto t5 =
      open_tokenizer({.kind = TokenizerKind::kUnigram, .file = folder / "spiece.model", .begin = "<s>"}).value();
  EXPECT_THAT(t5.encode("abc", 512), ElementsAre(1, 6, 7, 2));
}

TEST(TokenizerFiles, AMissingFileAndAMissingTokenAreNamed) {
  const TemporaryFolder folder;
  const auto missing = open_tokenizer({.kind = TokenizerKind::kWordPiece, .file = folder / "vocab.txt"});
  ASSERT_FALSE(missing.ok());
  EXPECT_THAT(missing.error().message, HasSubstr((folder / "vocab.txt").string()));
  ASSERT_TRUE(write_file_atomic(folder / "spiece.model", sentencepiece_model(1)).ok());
  const auto no_token =
      open_tokenizer({.kind = TokenizerKind::kUnigram, .file = folder / "spiece.model", .begin = "<bos>"});
  ASSERT_FALSE(no_token.ok());
  EXPECT_THAT(no_token.error().message, HasSubstr("begin = \"<bos>\": the vocabulary has no such token"));
}

}  // namespace
}  // namespace zhiyin
