// Why the loss and the gradient of docs/article-model.md were replaced: what they do on the smallest world there is,
// two users and two items, each user liking one.
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "base/nn/losses.h"
#include "match/worlds.h"

namespace zhiyin {
namespace {

using Scores = std::array<double, 4>;  // user 0: items 0, 1; user 1: items 0, 1
constexpr Scores kLiked = {1, 0, 0, 1};

double sigmoid(double s) { return 1 / (1 + std::exp(-s)); }

// sum over the likes of log(y / (1 - y)), y = sigmoid(score).
double stated_loss(const Scores& scores) {
  double loss = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    if (kLiked[k] == 1) loss += std::log(sigmoid(scores[k]) / (1 - sigmoid(scores[k])));
  }
  return loss;
}

double difference(double (*loss)(const Scores&), Scores scores, std::size_t k) {
  constexpr double kStep = 1e-5;
  scores[k] += kStep;
  const double above = loss(scores);
  scores[k] -= 2 * kStep;
  return (above - loss(scores)) / (2 * kStep);
}

TEST(ArticleLoss, IsTheSumOfTheLikesScoresAndHasNoMinimum) {
  Scores scores = {0.3, -0.2, 0.1, 0.4};
  EXPECT_NEAR(stated_loss(scores), scores[0] + scores[3], 1e-12);
  double before = stated_loss(scores);
  for (int step = 0; step < 300; ++step) {
    Scores gradient{};
    for (std::size_t k = 0; k < 4; ++k) gradient[k] = difference(stated_loss, scores, k);
    for (std::size_t k = 0; k < 4; ++k) scores[k] -= 0.1 * gradient[k];
    const double now = stated_loss(scores);
    ASSERT_LT(now, before - 0.1);  // it falls by the same amount for ever
    before = now;
  }
  EXPECT_LT(scores[0], -25);           // what was liked is pushed out of sight
  EXPECT_NEAR(scores[1], -0.2, 1e-6);  // and what was not is never looked at
}

TEST(ArticleLoss, TheStatedGradientPointsAwayFromItsOwnFunction) {
  // log(A / (1 - A y)) by y, for A = 1: the text says (A - A / (1 - A y)) / (1 - A y).
  for (const double y : {0.1, 0.5, 0.9}) {
    constexpr double kStep = 1e-6;
    const double measured = (std::log(1 / (1 - y - kStep)) - std::log(1 / (1 - y + kStep))) / (2 * kStep);
    const double stated = (1 - 1 / (1 - y)) / (1 - y);
    EXPECT_NEAR(measured, 1 / (1 - y), 1e-4);
    EXPECT_LT(stated, 0) << "the function rises";
  }
}

TEST(ArticleLoss, OursHasAMinimumAndItsGradientIsTheMeasuredOne) {
  const nn::Matrix labels(1, 4, {1, 0, 0, 1});
  nn::Matrix scores(1, 4, {0.3F, -0.2F, 0.1F, 0.4F});
  for (std::size_t k = 0; k < 4; ++k) {
    auto moved = scores;
    moved.values()[k] += 1e-2F;
    const double above = nn::logistic(moved, labels).value;
    moved.values()[k] -= 2e-2F;
    const double below = nn::logistic(moved, labels).value;
    EXPECT_NEAR(nn::logistic(scores, labels).gradient.values()[k], (above - below) / 2e-2, 1e-4);
  }
  double before = nn::logistic(scores, labels).value;
  for (int step = 0; step < 300; ++step) {
    const auto loss = nn::logistic(scores, labels);
    ASSERT_LE(loss.value, before + 1e-9);
    before = loss.value;
    for (std::size_t k = 0; k < 4; ++k) scores.values()[k] -= loss.gradient.values()[k];
  }
  EXPECT_GT(before, 0);  // bounded below
  EXPECT_GT(scores.values()[0], 2);
  EXPECT_LT(scores.values()[1], -2);
}

TEST(ArticleLoss, TheModelThatReplacesItTellsTheTwoUsersApart) {
  const auto interactions = world("0\n1\n0\n1\n0\n1", 2);
  const auto model = make_model("ials", {{"factors", 2}, {"strength", 0.5}}).value();
  ASSERT_TRUE(model->train({interactions}, {}).ok());
  EXPECT_GT(scores_of(*model, history({0}))[0], scores_of(*model, history({0}))[1]);
  EXPECT_GT(scores_of(*model, history({1}))[1], scores_of(*model, history({1}))[0]);
}

}  // namespace
}  // namespace zhiyin
