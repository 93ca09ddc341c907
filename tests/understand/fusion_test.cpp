#include "understand/embed/fusion.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace zhiyin {
namespace {

using Modalities = std::vector<ModalityVector>;

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double dot = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += double{a[i]} * b[i];
    aa += double{a[i]} * a[i];
    bb += double{b[i]} * b[i];
  }
  return dot / std::sqrt(aa * bb);
}

// Two kinds of sound, two kinds of picture.
const std::vector<Modalities> kItems = {
    {{"sound.a", 1, {1, 0, 0}}, {"picture.a", 1, {0, 5}}},
    {{"sound.a", 1, {0.9F, 0.1F, 0}}, {"picture.a", 1, {0, 4}}},
    {{"sound.a", 1, {0, 1, 0}}, {"picture.a", 1, {5, 0}}},
    {{"sound.a", 1, {0, 0.9F, 0.1F}}},
    {{"picture.a", 1, {4, 0}}},
};

TEST(Fusion, ItemsAlikeInEverySenseAreNearerThanOthers) {
  const auto model = FusionModel::fit(kItems);
  const auto a = model.fuse(kItems[0]);
  EXPECT_GT(cosine(a, model.fuse(kItems[1])), 0.8);
  EXPECT_LT(cosine(a, model.fuse(kItems[2])), 0);
}

TEST(Fusion, AMissingModalityCostsConfidenceNeverTheItem) {
  const auto model = FusionModel::fit(kItems);
  const auto both = model.fuse(kItems[2]);
  const auto sound_only = model.fuse(kItems[3]);
  const auto picture_only = model.fuse(kItems[4]);
  const double alike = cosine(both, sound_only);
  EXPECT_GT(alike, 0.4);
  EXPECT_LT(alike, 0.75) << "half of what is known of the one is unknown of the other: at most sqrt(1/2)";
  EXPECT_EQ(cosine(sound_only, picture_only), 0) << "nothing in common to compare";
}

TEST(Fusion, EveryVectorHasUnitLengthOrIsZero) {
  const auto model = FusionModel::fit(kItems);
  for (const auto& item : kItems) {
    double squares = 0;
    for (const auto value : model.fuse(item)) squares += double{value} * value;
    EXPECT_NEAR(squares, 1, 1e-5);
  }
  for (const auto value : model.fuse({})) EXPECT_EQ(value, 0);
  for (const auto value : model.fuse(Modalities{{"unknown", 1, {1, 2}}})) EXPECT_EQ(value, 0);
}

TEST(Fusion, VectorsOfZerosAndThoseThatHoldNoNumbersAreMissing) {
  auto items = kItems;
  items[3].push_back({"picture.a", 1, {0, 0}});
  items[4].push_back({"sound.a", 1, {1, NAN, 0}});
  items.push_back({{"sound.b", 1, {0, 0}}});
  items.push_back({{"sound.a", 1, {INFINITY, 0, 0}}});
  const auto model = FusionModel::fit(items);
  const auto clean = FusionModel::fit(kItems);
  ASSERT_EQ(model.blocks().size(), 2U) << "sound.b never says anything";
  for (std::size_t i = 0; i < kItems.size(); ++i) EXPECT_EQ(model.fuse(items[i]), clean.fuse(kItems[i])) << i;
  for (const auto value : model.fuse(items.back())) EXPECT_EQ(value, 0);
}

TEST(Fusion, NumbersTooLargeToMeasureAreMissingToo) {
  const auto model = FusionModel::fit(kItems);
  for (const auto value : model.fuse(Modalities{{"sound.a", 1, {3e38F, -3e38F, 0}}})) EXPECT_TRUE(std::isfinite(value));
}

TEST(Fusion, ASingleItemIsKeptAsItIsUpToItsLength) {
  const Modalities only = {{"sound.a", 1, {3, 0, -4}}};
  const auto fused = FusionModel::fit(std::vector<Modalities>{only}).fuse(only);
  EXPECT_NEAR(fused[0], 0.6, 1e-6);
  EXPECT_NEAR(fused[2], -0.8, 1e-6);
}

TEST(Fusion, SharesSayHowMuchEachEncoderMakesOfAnItem) {
  const auto model = FusionModel::fit(kItems);
  const auto both = model.shares(kItems[0]);
  ASSERT_EQ(both.size(), 2U);
  const float weights = model.blocks()[0].weight + model.blocks()[1].weight;
  EXPECT_NEAR(both[0].share, model.blocks()[0].weight / weights, 1e-5);
  EXPECT_NEAR(both[1].share, model.blocks()[1].weight / weights, 1e-5);
  const auto sound_only = model.shares(kItems[3]);
  for (const auto& [encoder, share] : sound_only) EXPECT_NEAR(share, encoder == "sound.a" ? 1 : 0, 1e-5);
}

// What is read and what is seen tell the kind, and the sound is noise: it must not decide who is alike.
TEST(Fusion, AnEncoderThatAgreesWithNoOtherIsHardlyListenedTo) {
  Random random(3);
  std::vector<Modalities> items;
  for (std::size_t i = 0; i < 80; ++i) {
    const auto noisy = [&](float tells) {
      std::vector<float> values(8);
      for (auto& value : values) value = random.normal();
      values[i % 4] += tells;
      return values;
    };
    items.push_back({{"text.a", 1, noisy(4)}, {"vision.a", 1, noisy(4)}, {"sound.a", 1, noisy(0)}});
  }
  const auto model = FusionModel::fit(items);
  for (const auto& [encoder, share] : model.shares(items[0])) {
    if (encoder == "sound.a") {
      EXPECT_LT(share, 0.2) << "a third where all are trusted alike";
    }
  }
}

TEST(Fusion, AnotherVersionOfAnEncoderIsNotComparedWithThisOne) {
  const auto model = FusionModel::fit(kItems);
  for (const auto value : model.fuse(Modalities{{"sound.a", 2, {1, 0, 0}}})) EXPECT_EQ(value, 0);
}

TEST(Fusion, IsTheSameAfterSavingAndLoading) {
  const auto model = FusionModel::fit(kItems);
  Tensors tensors;
  model.save(tensors);
  const auto again = FusionModel::load(tensors).value();
  for (const auto& item : kItems) EXPECT_EQ(model.fuse(item), again.fuse(item));
}

TEST(Fusion, OfNothingIsEmpty) { EXPECT_EQ(FusionModel::fit({}).dim(), 0U); }

}  // namespace
}  // namespace zhiyin
