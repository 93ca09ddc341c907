#include "learn/eval/similarity.h"

#include <gmock/gmock.h>

#include <numeric>
#include <set>

#include "learn/eval/text_sets.h"

namespace zhiyin {
namespace {

using testing::Each;

double sum(const std::vector<double>& hits) { return std::accumulate(hits.begin(), hits.end(), 0.0); }

TEST(Similarity, CharacterPairsTellTextsApart) {
  const std::vector<std::string> texts = {"麻辣面条", "麻辣火锅", "足球比赛", "足球联赛", ""};
  const auto all = ngram_cosines(texts);
  EXPECT_NEAR(all.at(0, 0), 1, 1e-5);
  EXPECT_GT(all.at(0, 1), 0.2);
  EXPECT_EQ(all.at(0, 2), 0);
  EXPECT_EQ(all.at(4, 4), 0);
  const std::vector<std::string> labels = {"food", "food", "sport", "sport", "none"};
  const auto hits = nearest_hits(all, labels);
  EXPECT_EQ(sum(hits), 4) << "the empty text has no neighbour";
}

TEST(Similarity, MixingIsConcatenation) {
  const std::vector<float> rows = {1, 0, 0, 1, -1, -1};
  const auto a = centred_cosines(rows, 2);
  EXPECT_NEAR(a.at(0, 0), 1, 1e-6);
  const auto both = mixed(a, a, 3);
  EXPECT_NEAR(both.at(0, 1), a.at(0, 1), 1e-6);
}

TEST(Similarity, ALinearClassifierLearnsWhatNeighboursAlsoKnow) {
  std::vector<float> rows;
  std::vector<std::string> labels;
  for (int i = 0; i < 30; ++i) {
    const float wobble = 0.05F * static_cast<float>(i % 7);
    const bool left = i % 2 == 0;
    rows.insert(rows.end(), {left ? 1.0F : wobble, left ? wobble : 1.0F});
    labels.emplace_back(left ? "left" : "right");
  }
  const auto all = centred_cosines(rows, 2);
  EXPECT_THAT(ridge_hits(all, labels, 5, 0.1).value(), Each(1.0));
  EXPECT_THAT(nearest_hits(all, labels), Each(1.0));
}

TEST(TextSets, DrawsAreFixedDisjointAndEven) {
  LabelledTexts set;
  for (int i = 0; i < 40; ++i) {
    set.texts.push_back("text " + std::to_string(i));
    set.labels.push_back(i % 2 == 0 ? "even" : "odd");
  }
  const auto parts = draw(set, 2, 5, 42).value();
  std::set<std::string> seen;
  for (const auto& part : parts) {
    EXPECT_EQ(part.size(), 10U);
    EXPECT_EQ(std::ranges::count(part.labels, "odd"), 5);
    seen.insert(part.texts.begin(), part.texts.end());
  }
  EXPECT_EQ(seen.size(), 20U);
  EXPECT_EQ(canonical_text(parts[1]), canonical_text(draw(set, 2, 5, 42).value()[1]));
  EXPECT_NE(canonical_text(parts[1]), canonical_text(draw(set, 2, 5, 43).value()[1]));
  EXPECT_THAT(draw(set, 5, 5, 42).error().message, testing::HasSubstr("20 texts, 25 are needed"));
}

}  // namespace
}  // namespace zhiyin
