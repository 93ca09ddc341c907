// How short histories lean on what everybody likes (match/leaning.h).
#include "match/leaning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "match/worlds.h"

namespace zhiyin {
namespace {

TEST(Leaning, IsHalfAfterFiveEvents) {
  EXPECT_FLOAT_EQ(leaning(0.4, 0), 0.4F);
  EXPECT_FLOAT_EQ(leaning(0.4, 5), 0.2F);
  EXPECT_LT(leaning(0.4, 1000), 0.01F);
}

// Item 0 is everybody's; 1 to 5 belong together, and so do 6 to 10.
class LeaningModel : public testing::TestWithParam<std::string> {
 protected:
  static constexpr ItemIndex kItems = 11;

  [[nodiscard]] std::unique_ptr<Model> trained(double lean) const {
    Params params = {{"lean", lean}};
    if (GetParam() == "ials") params["factors"] = 4;
    auto model = make_model(GetParam(), params).value();
    std::string rows;
    for (int user = 0; user < 30; ++user) rows += user % 2 == 0 ? "0 1 2 3 4\n0 2 3 4 5\n" : "0 6 7 8 9\n0 7 8 9 10\n";
    EXPECT_TRUE(model->train({world(rows, kItems)}, {}).ok());
    return model;
  }
};

// The part of the scores that has no reason in the history.
std::vector<float> beyond_shares(const Model& model, const History& who) {
  auto scores = scores_of(model, who);
  for (ItemIndex item = 0; item < scores.size(); ++item) {
    for (const auto& share : model.explain(who, item)) scores[item] -= share.share;
  }
  return scores;
}

TEST_P(LeaningModel, AddsWhatEverybodyLikesToAShortHistory) {
  const auto leans = trained(0.5);
  const auto alone = trained(0);
  for (const auto& who : {history({1}), history({1, 2, 3}), history({7, 8}, {2, 0.5F})}) {
    const auto everybodys = beyond_shares(*leans, who);
    const auto with = scores_of(*leans, who);
    const auto without = scores_of(*alone, who);
    for (ItemIndex item = 0; item < kItems; ++item)
      EXPECT_NEAR(with[item], without[item] + everybodys[item], 1e-4) << item;
    EXPECT_GT(everybodys[5], 0.001F);
    EXPECT_GT(everybodys[0], 1.5F * everybodys[5]);
  }
  EXPECT_GT(beyond_shares(*leans, history({1}))[0], beyond_shares(*leans, history({1, 2, 3}))[0]);
}

TEST_P(LeaningModel, LeansAsFarWhenItIsLoadedAndNotAtAllFromAnOlderFile) {
  const auto model = trained(0.5);
  const auto who = history({1});
  Tensors saved;
  model->save(saved);
  auto loaded = make_model(GetParam(), model->params()).value();
  ASSERT_TRUE(loaded->load(saved).ok());
  EXPECT_THAT(scores_of(*loaded, who), testing::Pointwise(testing::FloatNear(1e-4F), scores_of(*model, who)));

  Tensors older;
  older.metadata = saved.metadata;
  for (const auto& [name, tensor] : saved.all()) {
    if (name != "mean_user" && name != "popularity_of" && name != "lean") older.put(name, tensor);
  }
  auto old = make_model(GetParam(), model->params()).value();
  ASSERT_TRUE(old->load(older).ok());
  EXPECT_THAT(scores_of(*old, who), testing::Pointwise(testing::FloatNear(1e-4F), scores_of(*trained(0), who)));
}

INSTANTIATE_TEST_SUITE_P(Models, LeaningModel, testing::Values("ials", "ease", "spectral"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace zhiyin
