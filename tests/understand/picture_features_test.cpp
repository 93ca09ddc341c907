#include "understand/embed/vision/picture_features.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/media_files.h"

namespace zhiyin {
namespace {

constexpr int kGradients = 66;
constexpr int kEdges = 148;

Frame stripes(int width, int height, bool upright) {
  auto frame = plain_frame(width, height, 0, 0, 0);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto value = static_cast<std::uint8_t>(((upright ? x : y) / 4) % 2 == 0 ? 255 : 0);
      for (int c = 0; c < 3; ++c) frame.rgb[3 * (static_cast<std::size_t>(y) * width + x) + c] = value;
    }
  }
  return frame;
}

TEST(PictureFeatures, HaveTheDimensionTheyDocument) {
  int end = 0;
  for (const auto& block : kPictureBlocks) {
    EXPECT_EQ(block.first, end);
    end += block.count;
  }
  EXPECT_EQ(end, kFrameFeatures);
  EXPECT_EQ(frame_features(plain_frame(9, 5, 1, 2, 3)).size(), static_cast<std::size_t>(kFrameFeatures));
}

TEST(PictureFeatures, OneColourHasNoEdges) {
  const auto found = frame_features(plain_frame(64, 48, 200, 30, 30));
  for (int i = 0; i < 9; ++i) EXPECT_EQ(found[kEdges + i], 0);
  for (int i = 0; i < 72; ++i) EXPECT_EQ(found[kGradients + i], 0);
  EXPECT_EQ(found[162], 0);
  EXPECT_GT(found[1], 0.5);  // the first hue, vivid: red
}

TEST(PictureFeatures, TellUprightStripesFromLyingOnes) {
  const auto upright = frame_features(stripes(60, 60, true));
  const auto lying = frame_features(stripes(60, 60, false));
  EXPECT_GT(upright[kGradients], 0.95);
  EXPECT_GT(lying[kGradients + 4], 0.95);
  EXPECT_NEAR(upright[kGradients + 4], 0, 1e-3);
}

TEST(PictureFeatures, TheColourHistogramHasUnitLength) {
  const auto found = frame_features(stripes(60, 60, true));
  double squares = 0;
  for (int i = 0; i < 30; ++i) squares += found[i] * found[i];
  EXPECT_NEAR(squares, 1, 1e-3);
}

TEST(PictureFeatures, ASmallChangeOfColourIsASmallChange) {
  const auto a = frame_features(plain_frame(20, 20, 200, 100, 50));
  const auto b = frame_features(plain_frame(20, 20, 203, 101, 50));
  double alike = 0;  // Bhattacharyya's coefficient
  for (int i = 0; i < 30; ++i) alike += a[i] * b[i];
  EXPECT_GT(alike, 0.95);
}

TEST(PictureFeatures, TinyPicturesGiveFiniteNumbers) {
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 50}, {50, 1}, {2, 2}, {3, 3}}) {
    const std::vector<Frame> frames{plain_frame(width, height, 9, 9, 9)};
    for (const float value : picture_features(frames)) ASSERT_TRUE(std::isfinite(value)) << width << "x" << height;
  }
}

TEST(PictureFeatures, AStillPictureDoesNotMove) {
  const std::vector<Frame> frames{stripes(40, 40, true)};
  const auto found = picture_features(frames);
  for (int i = kFrameFeatures; i < kPictureFeatures; ++i) EXPECT_EQ(found[i], 0) << i;
  EXPECT_EQ(picture_features({}), std::vector<float>(kPictureFeatures, 0.0F));
}

TEST(PictureFeatures, ChangeFromFrameToFrameShows) {
  std::vector<Frame> frames{plain_frame(30, 30, 0, 0, 0), plain_frame(30, 30, 255, 255, 255)};
  frames[1].time_s = 2;
  const auto found = picture_features(frames);
  EXPECT_NEAR(found[2 * kFrameFeatures], 1, 1e-3);        // everything changed
  EXPECT_NEAR(found[2 * kFrameFeatures + 3], 0.5, 1e-3);  // in two seconds
  EXPECT_NEAR(found[2 * kFrameFeatures + 5], 1, 1e-6);    // log2 of two frames
}

}  // namespace
}  // namespace zhiyin
