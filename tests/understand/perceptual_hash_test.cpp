// Hashes of pictures: the same for copies, different for others.
#include "understand/embed/vision/perceptual_hash.h"

#include <gmock/gmock.h>

#include "support/media_files.h"
#include "support/places.h"
#include "understand/embed/vision/known_picture.h"
#include "understand/embed/vision/resize.h"

namespace zhiyin {
namespace {

std::uint64_t hash_of(const Frame& frame) {
  const auto hash = perceptual_hash(frame);
  EXPECT_TRUE(hash.has_value());
  return hash.value_or(0);
}

TEST(PerceptualHash, StaysUnderScalingAndStretching) {
  const auto original = known_picture(512);
  for (const auto& [width, height] : {std::pair{320, 320}, std::pair{96, 96}, std::pair{640, 360}}) {
    EXPECT_LE(hash_distance(hash_of(original), hash_of(resized(original, width, height))), 4) << width << "x" << height;
  }
}

TEST(PerceptualHash, StaysWhenBrighterAndFlatterButNotWhenUpsideDown) {
  const auto original = known_picture(256);
  auto pale = original;
  for (auto& value : pale.rgb) value = static_cast<std::uint8_t>(60 + value * 6 / 10);
  EXPECT_LE(hash_distance(hash_of(original), hash_of(pale)), 4);
  auto turned = original;
  std::ranges::reverse(turned.rgb);
  EXPECT_GE(hash_distance(hash_of(original), hash_of(turned)), 20);
}

TEST(PerceptualHash, OfOneColourThereIsNone) {
  EXPECT_EQ(perceptual_hash(plain_frame(64, 48, 200, 30, 30)), std::nullopt);
  EXPECT_EQ(perceptual_hash(plain_frame(1, 1, 0, 0, 0)), std::nullopt);
}

TEST(PerceptualHash, IsWrittenAsSixteenDigits) {
  EXPECT_EQ(hash_text(0xab), "00000000000000ab");
  EXPECT_EQ(hash_from_text("00000000000000ab"), 0xabU);
  for (const auto* text : {"", "ab", "00000000000000zz", "0x000000000000ab", "00000000000000ab1"}) {
    EXPECT_EQ(hash_from_text(text), std::nullopt) << text;
  }
}

TEST(PerceptualHash, SharedPicturesAreCountedOverTheSmallerSet) {
  const std::vector<std::uint64_t> whole = {0, ~0ULL, 0xffffffffULL};
  const std::vector<std::uint64_t> part = {0b111, 0xffffffff00000000ULL};
  EXPECT_EQ(shared_pictures(whole, part), 0.5);
  EXPECT_EQ(shared_pictures(part, whole), 0.5);
  EXPECT_EQ(shared_pictures(whole, whole), 1);
  EXPECT_EQ(shared_pictures(whole, {}), 0);
}

std::vector<std::uint64_t> hashes_of(const std::filesystem::path& file) {
  const auto decoded = decode(file, {}, program_path());
  EXPECT_TRUE(decoded.ok()) << decoded.error().message;
  Perception found;
  EXPECT_TRUE(PerceptualHash().perceive(decoded.value(), found).ok());
  return stored_hashes(found);
}

TEST(PerceptualHash, FindsAReencodedSmallerCopyOfAVideoAndNotAnotherVideo) {
  const MediaFolder folder;
  folder.ffmpeg("a.mp4", "-f lavfi -i mandelbrot=s=640x360:r=5 -t 6 -c:v libx264 -g 5");
  folder.ffmpeg("copy.webm", "-i a.mp4 -vf scale=320:180,eq=brightness=0.05 -c:v libvpx -b:v 200k");
  folder.ffmpeg("b.mp4", "-f lavfi -i testsrc2=s=640x360:r=5 -t 6 -c:v libx264 -g 5");
  const auto original = hashes_of(folder.path("a.mp4"));
  const auto copy = hashes_of(folder.path("copy.webm"));
  const auto other = hashes_of(folder.path("b.mp4"));
  ASSERT_FALSE(original.empty());
  EXPECT_GE(shared_pictures(original, copy), 0.7);
  EXPECT_LE(shared_pictures(original, other), 0.1);
}

}  // namespace
}  // namespace zhiyin
