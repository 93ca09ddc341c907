// Hashed text needs no file: what texts of any language share in words and parts of words.
#include "understand/embed/text/hashed_text.h"

#include <gtest/gtest.h>

#include <cmath>

namespace zhiyin {
namespace {

std::vector<float> encode(const std::string& text) { return HashedText().encode_one(text).value(); }

double cosine(const std::string& a, const std::string& b) {
  const auto x = encode(a);
  const auto y = encode(b);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += double{x[i]} * y[i];
  return sum;
}

TEST(HashedText, VectorsHaveUnitLengthAndNothingHasZeros) {
  EXPECT_EQ(encode("Drum and bass").size(), HashedText::kDim);
  EXPECT_NEAR(cosine("Drum and bass", "Drum and bass"), 1, 1e-5);
  for (const auto* text : {"", " ", "?!", "\xf0\x9f\x8e\xb5"}) EXPECT_EQ(cosine(text, text), 0) << text;
}

TEST(HashedText, CaseWidthAndLigaturesDoNotMatter) {
  EXPECT_EQ(encode("Office FLOW"), encode("oﬃce ｆｌｏｗ"));
  EXPECT_EQ(encode("cafe\u0301"), encode("CAFÉ"));
}

TEST(HashedText, SharedWordsAndSharedPartsOfWordsAreNear) {
  EXPECT_GT(cosine("classical piano concert", "piano concert in Vienna"), 0.4);
  EXPECT_GT(cosine("photograph", "photographs"), 0.4);
  EXPECT_LT(std::abs(cosine("classical piano concert", "truck engine repair")), 0.25);
}

TEST(HashedText, ChineseIsReadByCharactersAndTheirPairs) {
  const double near = cosine("麻辣面条的家常做法", "如何在家制作麻辣面条");
  EXPECT_GT(near, 0.3);
  EXPECT_LT(std::abs(cosine("麻辣面条的家常做法", "足球比赛精彩集锦")), near / 2);
}

TEST(HashedText, InvalidUtf8AndVeryLongTextsAreRead) {
  EXPECT_NEAR(cosine("good \xff\xfe bytes", "good \xff\xfe bytes"), 1, 1e-5);
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "word" + std::to_string(i) + " ";
  EXPECT_NEAR(cosine(text, text), 1, 1e-4);
}

TEST(HashedText, ATextHasOneVectorWhereverItStandsInABatch) {
  const std::vector<std::string> texts = {"first", "第二", "third"};
  const auto together = HashedText().encode(texts).value();
  const auto second = encode(texts[1]);
  EXPECT_TRUE(std::equal(second.begin(), second.end(), together.begin() + HashedText::kDim));
}

}  // namespace
}  // namespace zhiyin
