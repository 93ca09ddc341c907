// How a video is cut and moved, from the file to the numbers.
#include "understand/embed/vision/shot_statistics.h"

#include <gmock/gmock.h>

#include <cmath>

#include "support/media_files.h"
#include "support/places.h"

namespace zhiyin {
namespace {

Decoded decoded(const std::filesystem::path& file) {
  auto result = decode(file, {}, program_path());
  EXPECT_TRUE(result.ok()) << result.error().message;
  return result.ok() ? std::move(*result) : Decoded{};
}

TEST(ShotStatistics, CountTheCutsOfAVideo) {
  const MediaFolder folder;
  const auto seen =
      decoded(folder.ffmpeg("shots.mp4",
                            "-f lavfi -i color=red:d=2:s=96x64:r=10 -f lavfi -i color=green:d=4:s=96x64:r=10 -f lavfi "
                            "-i color=blue:d=3:s=96x64:r=10 -filter_complex '[0][1][2]concat=n=3' -c:v libx264"));
  Perception found;
  ASSERT_TRUE(ShotSense().perceive(seen, found).ok());
  EXPECT_EQ(found.facts["shots"].as_integer(), 3);
  EXPECT_NEAR(found.facts["shot_s"].as_number(), 3, 0.1);
  ASSERT_EQ(found.vectors.size(), 1U);
  const auto& values = found.vectors[0].values;
  ASSERT_EQ(values.size(), static_cast<std::size_t>(kShotStatistics));
  EXPECT_NEAR(values[0], std::log2(4.0), 1e-4);
  EXPECT_NEAR(values[2], std::log2(4.0), 0.1) << "the longest shot is of four seconds";
  EXPECT_GT(values[8], 0.95) << "between the cuts nothing moves";
  EXPECT_GT(values[9], 0.2) << "at the cuts everything does";
}

TEST(ShotStatistics, TellACalmVideoFromARestlessOne) {
  const MediaFolder folder;
  const auto calm = shot_statistics(
      decoded(folder.ffmpeg("calm.mp4", "-f lavfi -i gradients=d=4:s=160x90:r=10:speed=0.002 -c:v libx264")));
  const auto restless = shot_statistics(
      decoded(folder.ffmpeg("restless.mp4", "-f lavfi -i testsrc2=d=4:s=160x90:r=10 -vf hue=H=8*t -c:v libx264")));
  EXPECT_LT(2 * calm[7], restless[7]);
}

TEST(ShotStatistics, APictureAndASoundHaveNone) {
  const MediaFolder folder;
  for (const auto& file : {folder.ffmpeg("a.png", "-f lavfi -i testsrc=s=64x48 -frames:v 1"),
                           folder.write("a.wav", wav_bytes(tone(440, 1)))}) {
    Perception found;
    ASSERT_TRUE(ShotSense().perceive(decoded(file), found).ok());
    EXPECT_TRUE(found.vectors.empty()) << file;
  }
}

}  // namespace
}  // namespace zhiyin
