// Two towers: the gradients of the item's tower, and that an item nobody has touched stands where its content puts it.
#include <gtest/gtest.h>

#include "base/nn_check.h"
#include "match/content/item_tower.h"
#include "match/worlds.h"

namespace zhiyin {
namespace {

// Three items: all parts, the second modality missing, the id missing.
TEST(ItemTower, GradientsAgreeWithCentralDifferences) {
  Random random(4);
  ItemTower tower({2, 3}, 5, 4, random);
  const std::vector<std::uint32_t> ids = {0, 2, 4};
  const std::vector<std::uint8_t> present = {1, 1, 1, 1, 0, 1, 1, 1, 0};
  nn::Parameters all;
  tower.enumerate(all);
  for (const auto& each : all) {
    if (each.name == "question" || each.name == "preference") {  // zeros at first
      for (auto& value : each.parameter->value.values()) value = random.normal();
    }
  }
  const auto content = nn::random_matrix(3, 5, 6);
  const auto mix = nn::random_matrix(3, 4, 7);
  ItemTower::Kept kept;
  const auto loss = [&] {
    const auto vectors = tower.forward(ids, content, present, &kept);
    double sum = 0;
    for (std::size_t i = 0; i < vectors.size(); ++i) sum += double{vectors.values()[i]} * mix.values()[i];
    return sum;
  };
  loss();
  tower.backward(mix, kept);
  nn::expect_gradients(loss, nn::claims(all));
}

TEST(ItemTower, AnItemOfWhichNothingIsKnownIsZeros) {
  Random random(4);
  const ItemTower tower({2}, 5, 4, random);
  const auto vectors = tower.forward({3}, nn::random_matrix(1, 2, 1), {0, 0});
  for (const auto value : vectors.values()) EXPECT_EQ(value, 0);
}

// Items 14 and 29, each the last of its half, lose their events.
TEST(TwoTower, AnItemThatNobodyHasTouchedStandsWithThoseOfItsContent) {
  const auto tastes = two_tastes(100, 30);
  std::vector<Interaction> cells;
  for (UserIndex user = 0; user < tastes.users(); ++user) {
    for (const auto item : tastes.row(user)) {
      if (item != 14 && item != 29) cells.push_back({user, item});
    }
  }
  const auto features = half_features(30);
  const auto model = make_model("two_tower", {{"factors", 8}, {"rate", 0.01}}).value();
  ASSERT_TRUE(model->train({Interactions::from(cells, tastes.users(), 30), &features}, {}).ok());
  const auto first = scores_of(*model, history({1, 4, 9}));
  const auto second = scores_of(*model, history({17, 20, 25}));
  EXPECT_GT(first[14], first[29] + 0.5F);
  EXPECT_GT(second[29], second[14] + 0.5F);
}

}  // namespace
}  // namespace zhiyin
