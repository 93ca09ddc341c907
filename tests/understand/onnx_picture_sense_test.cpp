// Encoders of pictures that somebody describes: what goes in, pixel by pixel, and a small network of CLIP's shape
// against the same network in plain loops.
#include "understand/embed/vision/onnx_picture_sense.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "support/media_files.h"
#include "support/temporary_folder.h"
#include "support/tiny_networks.h"
#include "understand/embed/vision/resize.h"

namespace zhiyin {
namespace {

using testing::HasSubstr;
using tiny::Matrix;
using tiny::Plain;
using tiny::Weights;
using tiny::Writer;

Frame pattern(int width, int height, unsigned seed = 0) {
  Frame frame{.width = width, .height = height, .time_s = 0, .rgb = {}};
  for (unsigned i = 0; i < static_cast<unsigned>(3 * width * height); ++i)
    frame.rgb.push_back(static_cast<std::uint8_t>((i * 37 + i * i * 11 + seed * 59) % 256));
  return frame;
}

TEST(PreparedPicture, AFrameOfTheRightSizeIsScaledAndLaidOutAsTheNetworkWantsIt) {
  const auto frame = pattern(8, 8);
  PictureDescription picture{.width = 8, .height = 8, .mean = {0.5F, 0.25F, 0.125F}, .deviation = {0.5F, 1, 2}};
  const auto at = [&](std::size_t pixel, std::size_t channel, std::size_t place) {
    return (static_cast<float>(frame.rgb[3 * pixel + channel]) / 255 - picture.mean[place]) / picture.deviation[place];
  };
  auto planes = prepared_picture(frame, picture);
  ASSERT_EQ(planes.size(), 192U);
  EXPECT_FLOAT_EQ(planes[5], at(5, 0, 0));
  EXPECT_FLOAT_EQ(planes[64 + 5], at(5, 1, 1));
  EXPECT_FLOAT_EQ(planes[128 + 63], at(63, 2, 2));
  picture.channels_first = false;
  picture.bgr = true;
  planes = prepared_picture(frame, picture);
  EXPECT_FLOAT_EQ(planes[3 * 5], at(5, 2, 0)) << "blue first";
  EXPECT_FLOAT_EQ(planes[3 * 5 + 2], at(5, 0, 2));
}

// Left half red, right half blue, 32 x 8.
Frame two_halves() {
  auto frame = plain_frame(32, 8, 255, 0, 0);
  for (std::size_t i = 0; i < frame.rgb.size() / 3; ++i) {
    if (i % 32 >= 16) std::copy_n(std::array<std::uint8_t, 3>{0, 0, 255}.begin(), 3, &frame.rgb[3 * i]);
  }
  return frame;
}

TEST(PreparedPicture, CropTakesTheMiddleStretchTakesAllPadKeepsTheShape) {
  PictureDescription picture{.width = 8, .height = 8, .filter = PictureFilter::kBilinear, .scale = 255};
  const auto red_share = [&](PictureFit fit) {
    picture.fit = fit;
    const auto values = prepared_picture(two_halves(), picture);
    double red = 0;
    double blue = 0;
    for (std::size_t i = 0; i < 64; ++i) red += values[i], blue += values[128 + i];
    return std::pair(red / 64, blue / 64);
  };
  EXPECT_NEAR(red_share(PictureFit::kCrop).first, 0.5, 1e-6);
  EXPECT_NEAR(red_share(PictureFit::kStretch).second, 0.5, 0.02);
  const auto [red, blue] = red_share(PictureFit::kPad);
  EXPECT_NEAR(red + blue, 0.25, 0.02) << "two rows of eight have the picture";
}

TEST(Resize, ACubicKeepsWhatIsFlatAndIsSharperThanATriangle) {
  const auto flat = resized(plain_frame(31, 17, 10, 200, 90), 64, 40, ResizeFilter::kCubic);
  for (std::size_t i = 0; i < flat.rgb.size(); i += 3) ASSERT_EQ(flat.rgb[i + 1], 200);
  // Keys' kernel at the four distances of a point a quarter of a pixel off: -0.0703125 (1.25 left of it: -9/128),
  // 0.8671875, 0.2265625, -0.0234375.
  Frame row{.width = 4, .height = 1, .time_s = 0, .rgb = {}};
  for (const std::uint8_t v : {100, 100, 200, 200}) row.rgb.insert(row.rgb.end(), {v, v, v});
  const auto twice = resized(row, 8, 1, ResizeFilter::kCubic);
  EXPECT_EQ(twice.rgb[3 * 3], 120) << "centre 1.25: 100 + 100 * (0.2265625 - 0.0234375), rounded";
  EXPECT_EQ(resized(row, 8, 1).rgb[3 * 3], 125) << "the triangle";
}

constexpr int kDim = 12;
constexpr int kSide = 8;
constexpr int kPatch = 4;
constexpr int kPatches = 4;
constexpr int kHeads = 3;
constexpr int kInner = 20;
constexpr int kProjected = 5;

std::string clip_bytes(Weights& weights) {
  Writer w(weights);
  const auto pixels = w.input("pixel_values", OnnxType::kFloat, {-1, 3, kSide, kSide});
  const auto patches =
      w.node("Conv", {pixels, w.weight("patch", {kDim, 3, kPatch, kPatch})},
             {{"kernel_shape", Writer::Integers{kPatch, kPatch}}, {"strides", Writer::Integers{kPatch, kPatch}}});
  const auto steps = w.node("Transpose", {w.node("Reshape", {patches, w.integers({0, kDim, kPatches})})},
                            {{"perm", Writer::Integers{0, 2, 1}}});
  auto x = w.node("Concat", {w.weight("class", {1, 1, kDim}), steps}, {{"axis", std::int64_t{1}}});
  x = w.layer_norm(w.node("Add", {x, w.weight("places", {kPatches + 1, kDim})}), "n0", kDim);
  const auto normed = w.layer_norm(x, "n1", kDim);
  x = w.node("Add", {x, w.attention(normed, normed, "", "at", kDim, kHeads)});
  x = w.node("Add", {x, w.feed_forward(w.layer_norm(x, "n2", kDim), "ff", kDim, kInner)});
  const auto first = w.node("Gather", {x, w.integer(0)}, {{"axis", std::int64_t{1}}});
  w.output(w.node("MatMul", {w.layer_norm(first, "n3", kDim), w.weight("projection", {kDim, kProjected})}),
           "image_embeds", OnnxType::kFloat, {-1, kProjected});
  return w.model.serialize();
}

// pixels: 3 x 8 x 8, channels first.
std::vector<float> plain_clip(Weights& weights, const std::vector<float>& pixels) {
  Plain p(weights);
  const auto& patch = weights.get("patch", kDim * 3 * kPatch * kPatch);
  Matrix x(kPatches + 1, kDim);
  for (std::size_t k = 0; k < kDim; ++k) x.at(0, k) = weights.get("class", kDim)[k];
  for (std::size_t step = 0; step < kPatches; ++step) {
    for (std::size_t k = 0; k < kDim; ++k) {
      for (std::size_t c = 0; c < 3; ++c) {
        for (std::size_t y = 0; y < kPatch; ++y) {
          for (std::size_t z = 0; z < kPatch; ++z) {
            const auto pixel = pixels[(c * kSide + step / 2 * kPatch + y) * kSide + step % 2 * kPatch + z];
            x.at(step + 1, k) += double{pixel} * patch[((k * 3 + c) * kPatch + y) * kPatch + z];
          }
        }
      }
    }
  }
  const auto& places = weights.get("places", (kPatches + 1) * kDim);
  for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] += places[i];
  x = p.layer_norm(x, "n0");
  const auto normed = p.layer_norm(x, "n1");
  x = Plain::sum(x, p.attention(normed, normed, false, "at", kHeads));
  x = Plain::sum(x, p.feed_forward(p.layer_norm(x, "n2"), "ff", kInner));
  x = p.layer_norm(x, "n3");
  const auto& projection = weights.get("projection", kDim * kProjected);
  std::vector<float> vector(kProjected, 0.0F);
  for (std::size_t k = 0; k < kDim; ++k) {
    for (std::size_t c = 0; c < kProjected; ++c)
      vector[c] += static_cast<float>(x.at(0, k) * projection[k * kProjected + c]);
  }
  return tiny::unit_length(vector);
}

class OnnxPicture : public testing::Test {
 protected:
  EncoderDescription clip() {
    EXPECT_TRUE(write_file_atomic(folder / "clip.onnx", clip_bytes(weights)).ok());
    EncoderDescription description;
    description.name = "vision.tiny";
    description.modality = EncoderModality::kPicture;
    description.file = folder / "clip.onnx";
    description.picture = {
        .width = kSide, .height = kSide, .mean = {0.48F, 0.45F, 0.4F}, .deviation = {0.27F, 0.26F, 0.28F}};
    description.place = "encoders.toml:3";
    return description;
  }
  TemporaryFolder folder;
  Weights weights{11};
};

TEST_F(OnnxPicture, AnItemHasTheMeanOfItsFramesVectors) {
  const auto description = clip();
  const auto sense = OnnxPictureSense::open(description).value();
  Decoded decoded;
  decoded.frames = {pattern(kSide, kSide, 1), pattern(kSide, kSide, 2)};
  Perception found;
  ASSERT_TRUE(sense->perceive(decoded, found).ok());
  ASSERT_EQ(found.vectors.size(), 1U);
  EXPECT_EQ(found.vectors[0].encoder, "vision.tiny");
  auto wanted = plain_clip(weights, prepared_picture(decoded.frames[0], description.picture));
  const auto second = plain_clip(weights, prepared_picture(decoded.frames[1], description.picture));
  for (std::size_t k = 0; k < wanted.size(); ++k) wanted[k] += second[k];
  wanted = tiny::unit_length(wanted);
  ASSERT_EQ(found.vectors[0].values.size(), wanted.size());
  for (std::size_t k = 0; k < wanted.size(); ++k) EXPECT_NEAR(found.vectors[0].values[k], wanted[k], 2e-5);
}

TEST_F(OnnxPicture, AFileWithoutPicturesHasNoVector) {
  Perception found;
  ASSERT_TRUE(OnnxPictureSense::open(clip()).value()->perceive({}, found).ok());
  EXPECT_TRUE(found.vectors.empty());
}

TEST_F(OnnxPicture, ASizeThatTheNetworkDoesNotTakeIsSaidWhenItIsOpened) {
  auto description = clip();
  description.picture.width = 16;
  const auto opened = OnnxPictureSense::open(description);
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message, testing::AllOf(HasSubstr("encoders.toml:3: vision.tiny"),
                                                     HasSubstr("wants exactly 8 in extent 4"), HasSubstr("give 16")));
}

}  // namespace
}  // namespace zhiyin
