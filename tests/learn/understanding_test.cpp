#include "learn/eval/understanding.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "support/media_files.h"
#include "support/places.h"

namespace zhiyin {
namespace {

TEST(EvaluateUnderstanding, TellsTonesFromNoiseAndRedFromBlueWithoutReadingNames) {
  const MediaFolder folder;
  std::string sounds = "path\tlabel\tsource\n";
  for (int i = 0; i < 6; ++i) {
    const auto name = "s" + std::to_string(i) + ".wav";
    auto rustle = noise(0.4 + 0.1 * i);
    folder.write(name, wav_bytes(i % 2 == 0 ? tone(300 + 40 * i, 0.5) : rustle));
    sounds += name + (i % 2 == 0 ? "\ttone\tmade\n" : "\tnoise\tmade\n");
  }
  folder.write("broken.wav", "RIFF");
  sounds += "broken.wav\tnoise\tmade\n";
  std::string stamps = "image\tcategory\tsubcategory\n\tnone\tnone\n";
  for (const auto* colour : {"0xff0000", "0xf01010", "0x0000ff", "0x1010f0"}) {
    const auto name = std::string(colour) + ".png";
    folder.ffmpeg(name, "-f lavfi -i color=" + std::string(colour) + ":s=32x32 -frames:v 1");
    const auto* warm = std::string_view(colour).starts_with("0xf") ? "warm" : "cold";
    stamps += name + "\t" + warm + "\t" + warm + "\n";
  }
  folder.write("audio_labels.tsv", sounds);
  folder.write("tuxpaint_items.tsv", stamps);
  folder.write("video_labels.tsv", "path\tlabel\tsource\n");

  const auto found = evaluate_understanding({.data = folder.path(""), .worker = program_path(), .threads = 2});
  ASSERT_TRUE(found.ok()) << found.error().message;
  const std::map<std::string, double> results(found->table.results.begin(), found->table.results.end());
  EXPECT_EQ(results.at("sound.nn1"), 1);
  EXPECT_EQ(results.at("sound.clips"), 6);
  EXPECT_NEAR(results.at("sound.chance"), 2.0 / 5, 1e-9);
  EXPECT_EQ(results.at("picture.nn1"), 1);
  EXPECT_EQ(results.at("video.clips"), 0);
  for (const auto* set : {"compress.sound", "compress.picture"}) {
    const auto of = [&](const char* kind, const char* metric) {
      return results.at(fmt::format("{}_{}.{}", set, kind, metric));
    };
    EXPECT_EQ(of("float", "kept10"), 1);
    EXPECT_EQ(of("half", "nn1"), 1);
    EXPECT_LT(of("half", "bytes"), 0.51 * of("float", "bytes")) << set;
    EXPECT_LE(of("int8", "bytes"), of("half", "bytes")) << set;
  }
  EXPECT_THAT(found->failures, testing::ElementsAre(testing::StartsWith("broken.wav: ")));
  EXPECT_EQ(found->table.rows.at(0).split_sha256.size(), 64U);
}

TEST(EvaluateUnderstanding, NamesTheColumnThatIsMissing) {
  const MediaFolder folder;
  folder.write("audio_labels.tsv", "path\tname\n");
  const auto found = evaluate_understanding({.data = folder.path(""), .worker = program_path()});
  ASSERT_FALSE(found.ok());
  EXPECT_THAT(found.error().message, testing::HasSubstr("audio_labels.tsv: no column \"label\""));
}

}  // namespace
}  // namespace zhiyin
