#include "understand/embed/agreement.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace zhiyin {
namespace {

constexpr std::size_t kBlockDim = 8;
constexpr std::size_t kKinds = 4;

// One encoder of a made-up catalogue: how much of the item's kind it tells, and over how many dimensions its
// noise goes.
struct Voice {
  Modality modality;
  float tells;
  std::size_t noisy = kBlockDim;
};

// Items of kKinds kinds; every encoder's block is its kind's axis times `tells` and noise.
std::vector<float> catalogue(const std::vector<Voice>& voices, std::size_t items) {
  Random random(9);
  std::vector<float> rows;
  for (std::size_t item = 0; item < items; ++item) {
    for (const auto& voice : voices) {
      for (std::size_t d = 0; d < kBlockDim; ++d) {
        const float kind = d == item % kKinds ? 0.75F : d < kKinds ? -0.25F : 0.0F;
        rows.push_back(voice.tells * kind + (d < voice.noisy ? random.normal() : 0.0F));
      }
    }
  }
  return rows;
}

std::vector<Opinion> opinions_of(const std::vector<Voice>& voices) {
  std::vector<Opinion> opinions;
  for (const auto& voice : voices) opinions.push_back({voice.modality, opinions.size() * kBlockDim, kBlockDim});
  return opinions;
}

std::vector<Agreement> agreement_of(const std::vector<Voice>& voices, std::size_t items = 200) {
  return agreement(catalogue(voices, items), voices.size() * kBlockDim, opinions_of(voices));
}

TEST(Agreement, WhoAgreesWithOtherModalitiesIsTrustedMore) {
  const auto found =
      agreement_of({{Modality::kText, 6}, {Modality::kVision, 6}, {Modality::kSound, 0}, {Modality::kVision, 2}});
  EXPECT_GT(found[0].trust, 0.5);
  EXPECT_GT(found[1].trust, 0.5);
  EXPECT_LT(found[2].trust, 0.2) << "it hears nothing of what the item is";
  EXPECT_LT(found[3].trust, found[1].trust);
  EXPECT_GT(found[0].weight, 2 * found[2].weight);
}

TEST(Agreement, TwinsOfOneModalityDoNotVouchForEachOther) {
  const std::vector<Voice> voices = {
      {Modality::kSound, 0}, {Modality::kSound, 0}, {Modality::kText, 5}, {Modality::kVision, 5}};
  auto rows = catalogue(voices, 200);
  const auto dim = voices.size() * kBlockDim;
  for (std::size_t item = 0; item < 200; ++item)
    std::copy_n(rows.begin() + static_cast<std::ptrdiff_t>(item * dim), kBlockDim,
                rows.begin() + static_cast<std::ptrdiff_t>(item * dim + kBlockDim));
  const auto found = agreement(rows, dim, opinions_of(voices));
  EXPECT_LT(found[0].trust, 0.2);
  EXPECT_LT(found[1].trust, 0.2);
  EXPECT_GT(found[2].trust, 0.5);
}

TEST(Agreement, ALoudVoiceOfFewDimensionsCountsForLess) {
  const auto found = agreement_of({{Modality::kText, 0, 1}, {Modality::kText, 0, kBlockDim}}, 60);
  EXPECT_LT(found[0].weight, 0.6F * found[1].weight) << "cosines of one dimension are 1 or -1";
}

TEST(Agreement, AFewItemsHardlyMoveThePrior) {
  const auto found = agreement_of({{Modality::kText, 9}, {Modality::kVision, 0}}, 3);
  for (const auto& one : found) EXPECT_NEAR(one.trust, kPriorTrust, 0.2);
}

TEST(Agreement, AnEncoderThatSpeaksOfFewItemsKeepsItsPriorWhileTheOthersLearn) {
  const std::vector<Voice> voices = {{Modality::kText, 6}, {Modality::kVision, 6}, {Modality::kSound, 6}};
  auto rows = catalogue(voices, 200);
  for (std::size_t item = 1; item < 200; ++item) {
    for (std::size_t d = 0; d < kBlockDim; ++d) rows[(item * 3 + 2) * kBlockDim + d] = 0;
  }
  const auto found = agreement(rows, 3 * kBlockDim, opinions_of(voices));
  EXPECT_GT(found[0].trust, 0.6);
  EXPECT_FLOAT_EQ(found[2].trust, kPriorTrust) << "a single item has no pair";
  EXPECT_GT(found[2].weight, 0);
}

TEST(Agreement, RepeatsBitByBitWherePairsAreDrawn) {
  const std::vector<Voice> voices = {{Modality::kText, 2}, {Modality::kVision, 2}};
  const auto once = agreement_of(voices, 300);
  const auto again = agreement_of(voices, 300);
  for (std::size_t o = 0; o < once.size(); ++o) EXPECT_EQ(once[o].weight, again[o].weight);
}

TEST(Agreement, OfNothingIsEmpty) {
  EXPECT_TRUE(agreement({}, 0, {}).empty());
  const auto nobody = agreement({}, kBlockDim, std::vector<Opinion>{{Modality::kText, 0, kBlockDim, 0.4F}});
  EXPECT_FLOAT_EQ(nobody[0].trust, 0.4F);
}

}  // namespace
}  // namespace zhiyin
