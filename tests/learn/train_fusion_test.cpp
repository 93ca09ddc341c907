#include "learn/train_fusion.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/kernels/vectors.h"
#include "base/nn_check.h"
#include "understand/embed/fusion.h"

namespace zhiyin {
namespace {

using Modalities = std::vector<ModalityVector>;

// Items of four kinds. Sound tells two pairs of kinds apart, the picture the kinds within a pair; every third item
// lacks one.
struct World {
  std::vector<Modalities> items;
  std::vector<int> kinds;
};

World world() {
  World made;
  Random random(4);
  for (int i = 0; i < 48; ++i) {
    const int kind = i % 4;
    const auto noisy = [&](int which) {
      std::vector<float> values(6);
      for (std::size_t d = 0; d < 6; ++d)
        values[d] = 0.3F * random.normal() + (static_cast<int>(d) == which ? 2.0F : 0.0F);
      return values;
    };
    auto& item = made.items.emplace_back();
    if (i % 3 != 1) item.push_back({"sound.a", 1, noisy(kind / 2)});
    if (i % 3 != 2) item.push_back({"picture.a", 1, noisy(kind)});
    made.kinds.push_back(kind);
  }
  return made;
}

ItemFeatures blocks_of(const FusionModel& fusion, const std::vector<Modalities>& items) {
  ItemFeatures blocks;
  for (const auto& block : fusion.blocks()) blocks.dim += block.dim;
  for (const auto& item : items) {
    const auto row = fusion.base_line(item);
    blocks.rows.insert(blocks.rows.end(), row.begin(), row.end());
  }
  return blocks;
}

// Mean cosine of items of one kind, less that of items of different kinds.
double lead(const FusionModel& fusion, const World& made) {
  double same = 0;
  double other = 0;
  int same_count = 0;
  int other_count = 0;
  for (std::size_t a = 0; a < made.items.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const double cosine = dot(fusion.fuse(made.items[a]), fusion.fuse(made.items[b]));
      (made.kinds[a] == made.kinds[b] ? same : other) += cosine;
      ++(made.kinds[a] == made.kinds[b] ? same_count : other_count);
    }
  }
  return same / same_count - other / other_count;
}

ItemFeatures behaviour_of(const World& made) {
  ItemFeatures behaviour;
  behaviour.dim = 4;
  for (std::size_t i = 0; i < made.kinds.size(); ++i) {
    for (int d = 0; d < 4; ++d) behaviour.rows.push_back(i % 8 < 4 && made.kinds[i] == d ? 1.0F : 0.0F);
  }
  return behaviour;
}

TEST(TrainFusion, BehaviourDrawsItemsOfOneKindTogetherAcrossModalities) {
  const auto made = world();
  auto fusion = FusionModel::fit(made.items);
  const double before = lead(fusion, made);
  const auto behaviour = behaviour_of(made);
  fusion.learn(train_fusion(fusion.places(), blocks_of(fusion, made.items), &behaviour, {.epochs = 60}));
  EXPECT_EQ(fusion.dim(), AttentionFusion::kDim);
  EXPECT_GT(lead(fusion, made), before);
}

TEST(TrainFusion, TheMaskedQuestionDrawsItemsOfOneKindTogetherToo) {
  const auto made = world();
  auto fusion = FusionModel::fit(made.items);
  const double before = lead(fusion, made);
  const auto blocks = blocks_of(fusion, made.items);
  fusion.learn(train_fusion(fusion.places(), blocks, nullptr, {.epochs = 60, .masked = 1}));
  const double with = lead(fusion, made);
  EXPECT_GT(with, before);
  fusion.learn(train_fusion(fusion.places(), blocks, nullptr, {.epochs = 60, .masked = 0}));
  EXPECT_NE(with, lead(fusion, made));
}

TEST(TrainFusion, LearnedVectorsHaveUnitLengthOrAreZeroAndTheirSharesAddUpToOne) {
  const auto made = world();
  auto fusion = FusionModel::fit(made.items);
  fusion.learn(train_fusion(fusion.places(), blocks_of(fusion, made.items), nullptr, {.epochs = 3}));
  for (const auto& item : made.items) {
    const auto vector = fusion.fuse(item);
    EXPECT_NEAR(dot(vector, vector), 1, 1e-4);
    float sum = 0;
    for (const auto& [encoder, share] : fusion.shares(item)) sum += share;
    EXPECT_NEAR(sum, 1, 1e-4);
  }
  for (const float value : fusion.fuse({})) EXPECT_EQ(value, 0);
  for (const auto& [encoder, share] : fusion.shares({})) EXPECT_EQ(share, 0);
}

TEST(TrainFusion, IsTheSameAfterSavingAndLoadingAndForASeed) {
  const auto made = world();
  auto fusion = FusionModel::fit(made.items);
  const auto blocks = blocks_of(fusion, made.items);
  fusion.learn(train_fusion(fusion.places(), blocks, nullptr, {.epochs = 2}));
  Tensors tensors;
  fusion.save(tensors);
  const auto again = FusionModel::load(tensors);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_TRUE(again->learned());
  auto repeated = FusionModel::fit(made.items);
  repeated.learn(train_fusion(repeated.places(), blocks, nullptr, {.epochs = 2}));
  for (const auto& item : made.items) {
    EXPECT_EQ(fusion.fuse(item), again->fuse(item));
    EXPECT_EQ(fusion.fuse(item), repeated.fuse(item));
  }
}

TEST(TrainFusion, GradientsAreTheDerivatives) {
  Random random(1);
  AttentionFusion fusion({{0, 3}, {3, 2}}, random);
  const auto blocks = nn::Matrix(3, 5, {1, 2, -1, 0, 0, 0.5F, 1, 1, 2, -1, 0, 0, 0, 1, 1});
  const auto mix = nn::random_matrix(3, AttentionFusion::kDim, 3);
  nn::Parameters all;
  fusion.enumerate("fusion", all);
  AttentionFusion::Kept kept;
  const auto y = fusion.forward(blocks, fusion.present(blocks), &kept);
  ASSERT_EQ(y.rows(), 3U);
  fusion.backward(mix, kept);
  const auto loss = [&] {
    const auto now = fusion.forward(blocks, fusion.present(blocks));
    double sum = 0;
    for (std::size_t i = 0; i < now.size(); ++i) sum += double{now.values()[i]} * mix.values()[i];
    return sum;
  };
  // The slope along each parameter's claimed gradient must be that gradient's length.
  for (const auto& [name, parameter] : all) {
    const auto gradient = parameter->gradient.values();
    const float length = std::sqrt(dot(gradient, gradient));
    ASSERT_GT(length, 0) << name;
    const auto moved = [&](float by) {
      for (std::size_t i = 0; i < gradient.size(); ++i) parameter->value.values()[i] += by * gradient[i] / length;
      return loss();
    };
    constexpr float kStep = 1.0F / 64;
    const double ahead = moved(kStep);
    const double behind = moved(-2 * kStep);
    moved(kStep);
    EXPECT_NEAR((ahead - behind) / (2 * kStep), length, 0.01 * length) << name;
  }
}

}  // namespace
}  // namespace zhiyin
