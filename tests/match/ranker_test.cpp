// Ranking models on impressions whose answer hangs on two features together, and what their chances are worth.
#include "match/rank/ranker.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/measure/chances.h"
#include "base/random.h"
#include "match/rank/calibration.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

// A user of either kind likes items of the same kind: neither alone says anything. `sure`: the chance that it holds.
ImpressionRows agreeing(std::size_t rows, std::uint64_t seed, float sure = 0.95F) {
  Random random(seed);
  ImpressionRows made;
  made.fields = 3;
  made.field_of = {0, 0, 1, 1, 2, 2, 2};
  for (std::size_t r = 0; r < rows; ++r) {
    const auto user = random.below(2);
    const auto item = random.below(2);
    made.add(user, 1);
    made.add(2 + item, 1);
    made.add(4 + random.below(3), 1);  // says nothing
    made.end_row((user == item) == (random.uniform() < sure) ? 1.0F : 0.0F);
  }
  return made;
}

std::unique_ptr<Ranker> trained(std::string_view name) {
  auto ranker = make_ranker(name, {}).value();
  EXPECT_TRUE(ranker->train(agreeing(3000, 1), agreeing(500, 2), {}).ok());
  return ranker;
}

double auc_of(const Ranker& ranker) {
  const auto test = agreeing(2000, 3);
  return auc(ranker.predict(test), test.labels);
}

TEST(Rankers, OnlyThoseThatMultiplyFeaturesSeeWhoLikesWhat) {
  EXPECT_LT(auc_of(*trained("logistic")), 0.6);
  EXPECT_GT(auc_of(*trained("fm")), 0.93);
  EXPECT_GT(auc_of(*trained("dcn")), 0.93);
}

TEST(Rankers, PredictTheSameAfterSaveAndLoad) {
  for (const auto* name : {"logistic", "fm", "dcn"}) {
    const auto ranker = trained(name);
    Tensors saved;
    ranker->save(saved);
    const TemporaryFolder folder;
    ASSERT_TRUE(saved.save(folder / "ranker").ok());
    const auto loaded = make_ranker(name, {}).value();
    ASSERT_TRUE(loaded->load(Tensors::open(folder / "ranker").value()).ok()) << name;
    const auto test = agreeing(50, 4);
    EXPECT_EQ(loaded->predict(test), ranker->predict(test)) << name;
  }
}

TEST(Rankers, RepeatForASeed) {
  for (const auto* name : {"fm", "dcn"}) {
    const auto test = agreeing(50, 4);
    EXPECT_EQ(trained(name)->predict(test), trained(name)->predict(test)) << name;
  }
}

TEST(Rankers, NothingToLearnFromIsAnErrorAndSoIsAnUnknownName) {
  EXPECT_FALSE(make_ranker("dcn", {}).value()->train({}, {}, {}).ok());
  const auto unknown = make_ranker("logistics", {});
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.error().message.find("logistic"), std::string::npos);
  EXPECT_FALSE(make_ranker("fm", {{"factor", 3}}).ok());
}

TEST(Calibration, BringsOverconfidentChancesBack) {
  Random random(5);
  std::vector<float> predicted;
  std::vector<float> happened;
  std::vector<std::uint32_t> users;
  for (std::uint32_t k = 0; k < 20000; ++k) {
    users.push_back(k / 20);
    const double odds = 1.5 * random.normal();
    happened.push_back(random.uniform() < 1 / (1 + std::exp(-odds)) ? 1.0F : 0.0F);
    predicted.push_back(static_cast<float>(1 / (1 + std::exp(-(3 * odds + 1)))));  // too sure, and too high
  }
  const auto calibration = Calibration::fit(predicted, happened, users);
  auto mended = predicted;
  for (auto& chance : mended) chance = calibration.of(chance);
  EXPECT_GT(calibration_error(predicted, happened), 0.1);
  EXPECT_LT(calibration_error(mended, happened), 0.015);
  EXPECT_NEAR(auc(mended, happened), auc(predicted, happened), 1e-5);  // the order stays, but for float32's ends
}

TEST(Calibration, DoesNotTakeTheMoodOfAFewUsersForEverybodys) {
  Random random(6);
  std::vector<float> predicted;
  std::vector<float> happened;
  std::vector<std::uint32_t> users;
  for (std::uint32_t user = 0; user < 20; ++user) {
    const double mood =
        random.normal() + (user == 0 ? 3 : 0);  // the mean over all is no mood, but for one great friend
    for (int k = 0; k < 300; ++k) {
      const double odds = random.normal();
      predicted.push_back(static_cast<float>(1 / (1 + std::exp(-odds))));
      happened.push_back(random.uniform() < 1 / (1 + std::exp(-odds - mood)) ? 1.0F : 0.0F);
      users.push_back(user);
    }
  }
  const auto by_rows = Calibration::fit(predicted, happened, 1e-3);
  const auto by_users = Calibration::fit(predicted, happened, users);
  EXPECT_GT(std::abs(by_rows.of(0.5F) - 0.5F), 0.02);
  EXPECT_LT(std::abs(by_users.of(0.5F) - 0.5F), std::abs(by_rows.of(0.5F) - 0.5F));
}

TEST(Calibration, WithOneAnswerOnlyItChangesNothing) {
  const std::vector<float> predicted = {0.2F, 0.7F};
  const std::vector<float> happened = {1, 1};
  EXPECT_NEAR(Calibration::fit(predicted, happened, std::vector<std::uint32_t>{0, 1}).of(0.3F), 0.3F, 1e-6);
}

}  // namespace
}  // namespace zhiyin
