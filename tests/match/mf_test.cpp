#include "match/factors/mf.h"

#include <gtest/gtest.h>

#include "match/worlds.h"

namespace zhiyin {
namespace {

// Ratings made of a mean, biases and two factors, with noise; a share of them held back.
struct Stars {
  Interactions known;
  std::vector<Interaction> held;
};
Stars stars(float noise) {
  Random random(9);
  const std::size_t users = 120;
  const std::size_t items = 60;
  const auto draw = [&](std::size_t size, float deviation) {
    std::vector<float> values(size);
    for (auto& value : values) value = deviation * random.normal();
    return values;
  };
  const auto user_bias = draw(users, 0.4F);
  const auto item_bias = draw(items, 0.4F);
  const auto p = draw(users * 2, 0.8F);
  const auto q = draw(items * 2, 0.8F);
  std::vector<Interaction> known;
  Stars made;
  for (UserIndex user = 0; user < users; ++user) {
    for (ItemIndex item = 0; item < items; ++item) {
      if (random.uniform() > 0.5F) continue;
      const float rating = 3 + user_bias[user] + item_bias[item] + p[2 * user] * q[2 * item] +
                           p[2 * user + 1] * q[2 * item + 1] + noise * random.normal();
      (random.uniform() < 0.2F ? made.held : known).push_back({user, item, rating, 0});
    }
  }
  made.known = Interactions::from(known, users, items);
  return made;
}

double rmse_on_held(const Model& model, const Stars& data) {
  double square = 0;
  for (const auto& rating : data.held) {
    const auto row = data.known.row(rating.user);
    const auto given = data.known.weights(rating.user);
    const auto scores = scores_of(model, history({row.begin(), row.end()}, {given.begin(), given.end()}));
    square += (scores[rating.item] - rating.weight) * (scores[rating.item] - rating.weight);
  }
  return std::sqrt(square / static_cast<double>(data.held.size()));
}

std::unique_ptr<Model> trained(const Stars& data, const Params& params) {
  auto model = make_model("mf", params).value();
  EXPECT_TRUE(model->train({data.known}, {}).ok());
  return model;
}

TEST(Mf, FindsThePlantedFactors) {
  const auto data = stars(0.2F);
  const double bias_only = rmse_on_held(*trained(data, {{"factors", 0}}), data);
  const double with_factors = rmse_on_held(*trained(data, {{"factors", 4}}), data);
  EXPECT_GT(bias_only, 0.7);  // the factors' part of a rating has deviation .9
  EXPECT_LT(with_factors, 0.35);
}

TEST(Mf, MoreFactorsThanThereAreDoLittleHarm) {
  const auto data = stars(0.2F);
  EXPECT_LT(rmse_on_held(*trained(data, {{"factors", 16}}), data),
            1.25 * rmse_on_held(*trained(data, {{"factors", 2}}), data));
}

TEST(Mf, SomebodyNewGetsTheItemsMeans) {
  const auto data = stars(0.2F);
  const auto model = trained(data, {{"factors", 4}});
  const auto scores = scores_of(*model, history({}));
  double mean = 0;
  for (const auto score : scores) mean += score / static_cast<double>(scores.size());
  EXPECT_NEAR(mean, 3, 0.3);
  EXPECT_GT(*std::ranges::max_element(scores) - *std::ranges::min_element(scores), 0.5F);
}

}  // namespace
}  // namespace zhiyin
