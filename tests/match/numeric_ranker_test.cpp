// A ranker of plain numbers: what it can learn from curves of them, and what it keeps.
#include "match/rank/numeric_ranker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/random.h"

namespace zhiyin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Two columns: the chance of a yes is large where the first is near 0.5, and the second says nothing.
NumericRows middle_is_best(std::size_t rows, std::uint64_t seed) {
  Random random(seed);
  NumericRows all{.columns = 2};
  for (std::size_t r = 0; r < rows; ++r) {
    const float x = random.uniform();
    all.values.push_back(x);
    all.values.push_back(random.uniform());
    all.labels.push_back(random.uniform() < (std::abs(x - 0.5F) < 0.2F ? 0.7F : 0.1F) ? 1.0F : 0.0F);
  }
  return all;
}

Result<NumericRanker> fitted(std::string_view ranker) {
  return NumericRanker::fit(ranker, {}, {"x", "noise"}, middle_is_best(3000, 1), middle_is_best(800, 2), {});
}

TEST(NumericRanker, LearnsThatTheMiddleOfAColumnIsBestWhichNoSlopeCanSay) {
  for (const auto* name : {"logistic", "fm", "dcn"}) {
    const auto ranker = fitted(name);
    ASSERT_TRUE(ranker.ok()) << ranker.error().message;
    const auto chances = ranker->predict(std::vector<float>{0.05F, 0.5F, 0.5F, 0.5F, 0.95F, 0.5F});
    EXPECT_GT(chances[1], 0.5F) << name;
    EXPECT_LT(chances[0], 0.3F) << name;
    EXPECT_LT(chances[2], 0.3F) << name;
  }
}

TEST(NumericRanker, NumbersBetweenTwoCutsAreTakenForBothAndBeyondTheLastTheCurveIsLevel) {
  const auto ranker = fitted("logistic").value();
  const auto at = [&](float x) { return ranker.predict(std::vector<float>{x, 0.5F}).front(); };
  EXPECT_NE(at(0.29F), at(0.31F)) << "within one piece";
  EXPECT_EQ(at(2), at(1000));
  EXPECT_EQ(at(-2), at(-1000));
}

TEST(NumericRanker, SavedAndLoadedItSaysTheSame) {
  for (const auto* name : {"logistic", "fm", "dcn"}) {
    const auto ranker = fitted(name).value();
    Tensors tensors;
    ranker.save(tensors);
    const auto again = NumericRanker::load(tensors);
    ASSERT_TRUE(again.ok()) << again.error().message;
    const std::vector<float> rows = {0.1F, 0.2F, 0.45F, 0.9F};
    EXPECT_EQ(again->predict(rows), ranker.predict(rows));
    EXPECT_THAT(again->columns(), ElementsAre("x", "noise"));
    EXPECT_EQ(again->ranker().params(), ranker.ranker().params());

    auto damaged = tensors;
    damaged.put("cuts_of_column", Tensor::adopt<std::uint32_t>({2}, {1, 1}));
    EXPECT_FALSE(NumericRanker::load(damaged).ok());
    damaged = tensors;
    damaged.metadata["columns"] = "x";
    EXPECT_FALSE(NumericRanker::load(damaged).ok());
  }
}

TEST(NumericRanker, RowsThatTeachNothingAreRefused) {
  auto rows = middle_is_best(100, 3);
  rows.labels.assign(rows.labels.size(), 0);
  const auto valid = middle_is_best(50, 4);
  EXPECT_THAT(NumericRanker::fit("logistic", {}, {"x", "noise"}, rows, valid, {}).error().message,
              HasSubstr("the same answer"));
  rows = middle_is_best(100, 3);
  rows.values[7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(NumericRanker::fit("logistic", {}, {"x", "noise"}, rows, valid, {}).error().message,
              HasSubstr("not finite"));
  EXPECT_THAT(NumericRanker::fit("forest", {}, {"x", "noise"}, valid, valid, {}).error().message, HasSubstr("forest"));
}

}  // namespace
}  // namespace zhiyin
