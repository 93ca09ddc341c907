// Models that learn from sampled items: which items are drawn, the gradients of their losses and of a user's vector.
#include <gtest/gtest.h>

#include "base/nn_check.h"
#include "match/candidates.h"
#include "match/factors/history_tower.h"
#include "match/factors/neumf.h"
#include "match/factors/sampled_losses.h"
#include "match/kept_out.h"
#include "match/worlds.h"

namespace zhiyin {
namespace {

TEST(CandidateSampler, DrawsEachItemAsOftenAsItSays) {
  const CandidateSampler sampler(4, {0, 0, 0, 2});
  EXPECT_NEAR(sampler.chance(0), 0.5 / 4 + 0.5 * 3 / 4, 1e-12);
  Random random(1);
  constexpr int kRounds = 20000;
  std::vector<double> stood(4, 0);
  std::vector<double> corrected(4, 0);
  for (int round = 0; round < kRounds; ++round) {
    const auto drawn = sampler.draw(3, random);
    for (std::size_t k = 0; k < drawn.items.size(); ++k) {
      if (k > 0) {
        ASSERT_LT(drawn.items[k - 1], drawn.items[k]);
      }
      ++stood[drawn.items[k]];
      corrected[drawn.items[k]] += std::exp(-double{drawn.log_expected[k]});
    }
  }
  EXPECT_GT(stood[0], 2 * stood[1]);
  for (const auto sum : corrected) EXPECT_NEAR(sum / kRounds, 1, 0.05) << "with the correction each counts once";
}

TEST(CandidateSampler, WithFewItemsAllAreThereAndNothingIsCorrected) {
  Random random(1);
  const auto drawn = CandidateSampler(3, {1}).draw(3, random);
  EXPECT_EQ(drawn.items, (std::vector<ItemIndex>{0, 1, 2}));
  EXPECT_TRUE(drawn.log_expected.empty());
}

TEST(SampledLosses, AgreeWithCentralDifferences) {
  for (const auto loss : {bpr_loss, logistic_loss}) {
    auto states = nn::random_matrix(3, 4, 1, 0.5F);
    auto own = nn::random_matrix(3, 4, 2, 0.5F);
    auto others = nn::random_matrix(6, 4, 3, 0.5F);
    const auto found = sampled_loss(loss, states, own, others, 2);
    nn::expect_gradients([&] { return sampled_loss(loss, states, own, others, 2).value; },
                         {nn::claim("states", states, found.by_states), nn::claim("own", own, found.by_own),
                          nn::claim("others", others, found.by_others)});
  }
}

TEST(SampledLosses, AreWhatTheirNamesSay) {
  const nn::Matrix one(1, 1, {1});
  const nn::Matrix own(1, 1, {2});
  const nn::Matrix others(2, 1, {1, -1});
  EXPECT_NEAR(sampled_loss(bpr_loss, one, own, others, 2).value,
              (std::log1p(std::exp(-1.0)) + std::log1p(std::exp(-3.0))) / 2, 1e-6);
  EXPECT_NEAR(sampled_loss(logistic_loss, one, own, others, 2).value,
              std::log1p(std::exp(-2.0)) + std::log1p(std::exp(1.0)) + std::log1p(std::exp(-1.0)), 1e-6);
}

// With half of the items left out; the same ones each time, since the draws begin anew.
TEST(HistoryTower, GradientAgreesWithCentralDifferences) {
  Random random(2);
  HistoryTower tower(5, 3, 0.5F, random);
  const Rows rows = {{0, 1, 3, 4}, {2, 3}, {1}};
  const auto mix = nn::random_matrix(7, 3, 4);
  HistoryTower::Kept kept;
  const auto loss = [&] {
    Random draws(3);
    const auto users = tower.forward(rows, 0.5F, draws, kept);
    double sum = 0;
    for (std::size_t i = 0; i < users.size(); ++i) sum += double{users.values()[i]} * mix.values()[i];
    return sum;
  };
  loss();
  tower.backward(mix, kept);
  nn::Parameters all;
  tower.enumerate(all);
  nn::expect_gradients(loss, nn::claims(all));
}

TEST(HistoryTower, InTrainingAUserIsTheHistoryWithoutTheItemAskedFor) {
  Random random(2);
  const HistoryTower tower(5, 3, 0.5F, random);
  HistoryTower::Kept kept;
  const Rows rows = {{0, 1, 3}, {4}};
  const auto users = tower.forward(rows, 0, random, kept);
  const auto expected = tower.user(history({0, 3}));
  for (std::size_t d = 0; d < 3; ++d) {
    EXPECT_NEAR(users.row(1)[d], expected[d], 1e-6);
    EXPECT_EQ(users.row(3)[d], 0) << "nothing is left of a history of one";
  }
}

// With these numbers no unit bends within reach of the differences.
TEST(NeuMf, GradientsOfTheWholeNetAgreeWithCentralDifferences) {
  Random random(5);
  NeuMfNet net(4, random);
  auto users = nn::random_matrix(3, 4, 11);
  auto items = nn::random_matrix(3, 4, 7);
  const auto mix = nn::random_matrix(3, 1, 8);
  const auto loss = [&] {
    const auto scores = net.forward(users, items);
    double sum = 0;
    for (std::size_t r = 0; r < 3; ++r) sum += double{scores.row(r)[0]} * mix.row(r)[0];
    return sum;
  };
  NeuMfNet::Kept kept;
  net.forward(users, items, &kept);
  const auto by = net.backward(mix, kept);
  nn::Parameters all;
  net.enumerate(all);
  auto claimed = nn::claims(all);
  claimed.push_back(nn::claim("users", users, by.users));
  claimed.push_back(nn::claim("items", items, by.items));
  nn::expect_gradients(loss, claimed);
}

TEST(KeptOut, IsAFifthOfEveryTwentiethUserAndIsNotLearnedFrom) {
  Rows rows(420, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  rows[20] = {0, 1};
  const auto kept = keep_out(rows, 1);
  ASSERT_EQ(kept.size(), 20);
  EXPECT_EQ(kept[0].asked.size(), 2);
  EXPECT_EQ(rows[0].size(), 8);
  EXPECT_EQ(kept[0].shown.items, rows[0]);
  for (const auto item : kept[0].asked) EXPECT_EQ(std::ranges::count(rows[0], item), 0);
  EXPECT_EQ(rows[1].size(), 10);
  EXPECT_EQ(rows[20].size(), 2);
  Rows few(30, rows[1]);
  EXPECT_TRUE(keep_out(few, 1).empty());
}

class SampledFactors : public testing::TestWithParam<const char*> {};

TEST_P(SampledFactors, TellTheTwoTastesApart) {
  const auto model = make_model(GetParam(), {{"factors", 8}, {"rate", 0.01}}).value();
  ASSERT_TRUE(model->train({two_tastes(100, 30)}, {}).ok());
  const auto scores = scores_of(*model, history({1, 4, 9}));
  double same = 0;
  double other = 0;
  for (std::size_t item = 0; item < 30; ++item) (item < 15 ? same : other) += scores[item] / 15;
  EXPECT_GT(same, other + 1);
}

TEST_P(SampledFactors, TheLossFalls) {
  const auto model = make_model(GetParam(), {{"factors", 8}, {"rate", 0.01}, {"patience", 100}}).value();
  std::vector<double> losses;
  TrainContext context;
  context.on_epoch = [&](int, int, double loss) { losses.push_back(loss); };
  ASSERT_TRUE(model->train({two_tastes(100, 30)}, context).ok());
  EXPECT_LT(losses.back(), 0.9 * losses.front());
}

INSTANTIATE_TEST_SUITE_P(Losses, SampledFactors, testing::Values("bpr", "logistic_mf", "softmax", "neumf"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
}  // namespace zhiyin
