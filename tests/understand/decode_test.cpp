// Files that are what they say: every format gives what is in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/media_files.h"
#include "support/places.h"
#include "understand/media/media.h"

namespace zhiyin {
namespace {

const std::filesystem::path kWorker = program_path();
constexpr const char* kPicturesAndTone = "-f lavfi -i testsrc=d=3:s=320x240:r=10 -f lavfi -i sine=440:d=3 -shortest";

Decoded decoded(const std::filesystem::path& file, const DecodeLimits& limits = {}) {
  auto result = decode(file, limits, kWorker);
  EXPECT_TRUE(result.ok()) << file << ": " << result.error().message;
  return result.ok() ? std::move(*result) : Decoded{};
}

TEST(Decode, ReadsAWavWrittenByHandSampleForSample) {
  const MediaFolder folder;
  const auto sound = tone(440, 0.5, 22050);
  const auto heard = decoded(folder.write("tone.wav", wav_bytes(sound)));
  EXPECT_EQ(heard.kind, MediaKind::kAudio);
  EXPECT_EQ(heard.content_type, "audio/wav");
  EXPECT_NEAR(heard.duration_s, 0.5, 0.001);
  ASSERT_EQ(heard.music.sample_rate, 22050);
  ASSERT_EQ(heard.music.samples.size(), sound.samples.size());
  for (std::size_t i = 0; i < sound.samples.size(); ++i) ASSERT_NEAR(heard.music.samples[i], sound.samples[i], 1e-4);
  EXPECT_EQ(heard.speech.sample_rate, 16000);
  EXPECT_NEAR(static_cast<double>(heard.speech.samples.size()), 8000, 2);
  EXPECT_TRUE(heard.frames.empty());
  EXPECT_TRUE(heard.cover.empty());
}

struct Format {
  const char* name;
  const char* arguments;  // after the inputs
  const char* type;
};

// "mp4" for a.mp4.
std::string name_of(const testing::TestParamInfo<Format>& format) {
  return std::filesystem::path(format.param.name).extension().string().substr(1);
}

class EveryVideoFormat : public testing::TestWithParam<Format> {};
TEST_P(EveryVideoFormat, GivesPicturesSoundAndACover) {
  const MediaFolder folder;
  const auto seen = decoded(folder.ffmpeg(GetParam().name, std::string(kPicturesAndTone) + " " + GetParam().arguments));
  EXPECT_EQ(seen.kind, MediaKind::kVideo);
  EXPECT_EQ(seen.content_type, GetParam().type);
  EXPECT_NEAR(seen.duration_s, 3, 0.2);
  ASSERT_FALSE(seen.frames.empty());
  EXPECT_EQ(seen.frames[0].width, 320);
  EXPECT_EQ(seen.frames[0].height, 240);
  EXPECT_NEAR(static_cast<double>(seen.music.samples.size()) / seen.music.sample_rate, 3, 0.2);
  EXPECT_FALSE(seen.speech.samples.empty());
  EXPECT_EQ(seen.cover_type, "image/jpeg");
  EXPECT_TRUE(seen.cover.starts_with("\xff\xd8\xff"));
}
INSTANTIATE_TEST_SUITE_P(Formats, EveryVideoFormat,
                         testing::Values(Format{"a.mp4", "-c:v libx264 -c:a aac", "video/mp4"},
                                         Format{"a.mov", "-c:v libx264 -c:a aac", "video/quicktime"},
                                         Format{"a.mkv", "-c:v libx264 -c:a libmp3lame", "video/x-matroska"},
                                         Format{"a.webm", "-c:v libvpx -b:v 400k -c:a libopus", "video/webm"},
                                         Format{"a.avi", "-c:v mpeg4 -c:a libmp3lame", "video/x-msvideo"},
                                         Format{"a.ogv", "-c:v libtheora -c:a libvorbis", "video/ogg"}),
                         name_of);

class EverySoundFormat : public testing::TestWithParam<Format> {};
TEST_P(EverySoundFormat, GivesTheSoundAndItsTags) {
  const MediaFolder folder;
  const auto heard = decoded(folder.ffmpeg(
      GetParam().name,
      std::string("-f lavfi -i sine=440:d=2 -metadata title=知音 -metadata ARTIST=Ya ") + GetParam().arguments));
  EXPECT_EQ(heard.kind, MediaKind::kAudio);
  EXPECT_EQ(heard.content_type, GetParam().type);
  EXPECT_NEAR(static_cast<double>(heard.music.samples.size()) / heard.music.sample_rate, 2, 0.1);
  EXPECT_EQ(heard.tags.at("title"), "知音");
  EXPECT_EQ(heard.tags.at("artist"), "Ya");
}
INSTANTIATE_TEST_SUITE_P(Formats, EverySoundFormat,
                         testing::Values(Format{"a.ogg", "-c:a libvorbis", "audio/ogg"},
                                         Format{"a.mp3", "-c:a libmp3lame", "audio/mpeg"},
                                         Format{"a.flac", "", "audio/flac"},
                                         Format{"a.opus", "-c:a libopus", "audio/ogg"},
                                         Format{"a.m4a", "-c:a aac", "audio/mp4"}),
                         name_of);

TEST(Decode, SeesAPictureAndLaysTransparencyOverWhite) {
  const MediaFolder folder;
  const auto seen = decoded(folder.ffmpeg("clear.png", "-f lavfi -i color=red@0.0:s=40x30,format=rgba -frames:v 1"));
  EXPECT_EQ(seen.kind, MediaKind::kImage);
  EXPECT_EQ(seen.content_type, "image/png");
  ASSERT_EQ(seen.frames.size(), 1U);
  EXPECT_EQ(seen.frames[0].rgb[0], 255);
  EXPECT_EQ(seen.frames[0].rgb[1], 255);
  EXPECT_EQ(decoded(folder.ffmpeg("a.jpg", "-f lavfi -i testsrc=s=640x480 -frames:v 1")).frames.at(0).width, 320);
}

TEST(Decode, TurnsAPhoneVideoUpright) {
  const MediaFolder folder;
  folder.ffmpeg("flat.mp4", "-f lavfi -i testsrc=d=1:s=320x160:r=10 -c:v libx264");
  const auto seen = decoded(folder.ffmpeg("turned.mp4", "-i flat.mp4 -c copy -metadata:s:v rotate=90"));
  ASSERT_FALSE(seen.frames.empty());
  EXPECT_EQ(seen.frames[0].width, 160);
  EXPECT_EQ(seen.frames[0].height, 320);
}

TEST(Decode, EmbeddedArtIsACoverNotAVideo) {
  const MediaFolder folder;
  folder.ffmpeg("art.png", "-f lavfi -i testsrc=s=64x64 -frames:v 1");
  const auto heard = decoded(folder.ffmpeg(
      "a.mp3",
      "-f lavfi -i sine=440:d=1 -i art.png -map 0 -map 1 -c:v copy -disposition:v attached_pic -c:a libmp3lame"));
  EXPECT_EQ(heard.kind, MediaKind::kAudio);
  EXPECT_TRUE(heard.frames.empty());
  EXPECT_EQ(heard.cover_type, "image/png");
  EXPECT_TRUE(heard.cover.starts_with("\x89PNG"));
  EXPECT_EQ(heard.small.type, "image/jpeg");
  EXPECT_TRUE(heard.preview.bytes.empty());
}

TEST(Decode, AStillPictureBesideASongIsItsCover) {
  const MediaFolder folder;
  const auto heard = decoded(
      folder.ffmpeg("song.mp4", "-f lavfi -i testsrc=s=64x64:r=1:d=1 -f lavfi -i sine=440:d=8 -c:v libx264 -c:a aac"));
  EXPECT_EQ(heard.kind, MediaKind::kAudio);
  EXPECT_EQ(heard.content_type, "audio/mp4");
  EXPECT_TRUE(heard.frames.empty());
  EXPECT_EQ(heard.cover_type, "image/jpeg");
}

// One key frame stands for each: what is filed must not depend on how much happens.
TEST(Decode, ACalmVideoIsAVideo) {
  const MediaFolder folder;
  const std::string still = "-f lavfi -i color=teal:s=64x64:r=5:d=8 -f lavfi -i sine=440:d=8 -c:v libx264 -c:a aac";
  const auto calm = decoded(folder.ffmpeg("calm.mp4", still));
  EXPECT_EQ(calm.kind, MediaKind::kVideo);
  EXPECT_EQ(calm.content_type, "video/mp4");
  EXPECT_EQ(calm.frames.size(), 1U);
  EXPECT_EQ(
      decoded(folder.ffmpeg(
                  "calm.mkv",
                  "-f lavfi -i color=teal:s=64x64:r=2:d=30 -f lavfi -i sine=440:d=30 -c:v libx264 -g 9999 -c:a aac"))
          .kind,
      MediaKind::kVideo);
}

TEST(Decode, ReadsSubtitlesWithoutTheirStyles) {
  const MediaFolder folder;
  folder.write("cues.srt",
               "1\n00:00:00,100 --> 00:00:00,900\n<i>Mountains</i>\nand rivers\n\n2\n00:00:01,000 --> "
               "00:00:01,500\n高山流水\n\n");
  const auto seen = decoded(
      folder.ffmpeg("a.mkv", "-f lavfi -i testsrc=d=2:s=64x64:r=5 -i cues.srt -map 0 -map 1 -c:v libx264 -c:s srt"));
  ASSERT_EQ(seen.subtitles.size(), 2U);
  EXPECT_EQ(seen.subtitles[0].text, "Mountains and rivers");
  EXPECT_EQ(seen.subtitles[0].kind, "subtitle");
  EXPECT_NEAR(seen.subtitles[0].start_s, 0.1, 0.01);
  EXPECT_NEAR(seen.subtitles[0].end_s, 0.9, 0.01);
  EXPECT_EQ(seen.subtitles[1].text, "高山流水");
}

TEST(Decode, AVideoThatChangesHasASmallCoverAndAMovingPreview) {
  const MediaFolder folder;
  const auto file = folder.ffmpeg("shots.mp4",
                                  "-f lavfi -i color=red:d=2:s=640x360:r=5 -f lavfi -i color=blue:d=2:s=640x360:r=5 "
                                  "-filter_complex '[0][1]concat=n=2' -c:v libx264");
  const auto seen = decoded(file);
  EXPECT_EQ(seen.small.type, "image/jpeg");
  const auto small = decoded(folder.write("small.jpg", seen.small.bytes));
  EXPECT_EQ(small.frames.at(0).width, 320);
  EXPECT_EQ(small.frames.at(0).height, 180);
  EXPECT_EQ(seen.preview.type, "image/webp");
  EXPECT_TRUE(seen.preview.bytes.starts_with("RIFF"));
  EXPECT_NE(seen.preview.bytes.find("ANMF"), std::string::npos) << "one frame a shot";
  EXPECT_LT(seen.preview.bytes.size(), 20'000U);
  EXPECT_GT(seen.cpu_s, 0);
  EXPECT_TRUE(decoded(file, {.preview = false}).preview.bytes.empty());
}

TEST(Decode, OneKeyFrameForEachShot) {
  const MediaFolder folder;
  const auto seen =
      decoded(folder.ffmpeg("shots.mp4",
                            "-f lavfi -i color=red:d=2:s=96x64:r=10 -f lavfi -i color=green:d=2:s=96x64:r=10 -f lavfi "
                            "-i color=blue:d=2:s=96x64:r=10 -filter_complex '[0][1][2]concat=n=3' -c:v libx264"));
  ASSERT_EQ(seen.frames.size(), 3U);
  EXPECT_GT(seen.frames[0].rgb[0], 200);
  EXPECT_GT(seen.frames[1].rgb[1], 100);
  EXPECT_GT(seen.frames[2].rgb[2], 200);
}

TEST(Decode, KeyFramesOfALongFileAreSpreadOverIt) {
  const MediaFolder folder;
  const auto file = folder.ffmpeg(
      "long.mp4", "-f lavfi -i testsrc=d=90:s=160x120:r=5 -vf hue=H=t/10 -g 10 -c:v libx264 -preset ultrafast");
  const auto seen = decoded(file, {.key_frames = 8});
  ASSERT_EQ(seen.frames.size(), 8U);
  EXPECT_LT(seen.frames.front().time_s, 45);
  EXPECT_GT(seen.frames.back().time_s, 60);
  for (std::size_t i = 1; i < seen.frames.size(); ++i) EXPECT_GT(seen.frames[i].time_s, seen.frames[i - 1].time_s);
}

TEST(Decode, ALongFileWithOneCodecKeyFrameIsDecodedAllTheSame) {
  const MediaFolder folder;
  const auto seen = decoded(folder.ffmpeg(
      "long.mkv", "-f lavfi -i testsrc=d=40:s=160x120:r=5 -g 9999 -sc_threshold 0 -c:v libx264 -preset ultrafast"));
  EXPECT_GE(seen.frames.size(), 4U);
}

TEST(Decode, TakesTheMiddleOfALongSound) {
  const MediaFolder folder;
  const auto file = folder.ffmpeg("long.flac", "-f lavfi -i sine=440:d=60:r=8000");
  const auto heard = decoded(file, {.sound_s = 10});
  EXPECT_NEAR(heard.duration_s, 60, 0.1);
  EXPECT_EQ(heard.music.samples.size(), 80000U);
}

TEST(Decode, SilenceIsNoSpeech) {
  const MediaFolder folder;
  const auto heard = decoded(folder.write("silence.wav", wav_bytes({16000, std::vector<float>(16000, 0.0F)})));
  EXPECT_EQ(heard.music.samples.size(), 16000U);
  EXPECT_TRUE(heard.speech.samples.empty());
}

TEST(Decode, ReadsRealClips) {
  const auto media = real_media();
  if (!media) GTEST_SKIP() << "no real clips here: set ZHIYIN_SHARED_DATA";
  const auto bunny = decoded(*media / "video" / "moviepy" / "big_buck_bunny_0_30.webm");
  EXPECT_EQ(bunny.kind, MediaKind::kVideo);
  EXPECT_GE(bunny.frames.size(), 4U);
  EXPECT_NEAR(bunny.duration_s, 30, 0.5);
  EXPECT_FALSE(bunny.speech.samples.empty());
  const auto song = decoded(*media / "audio" / "librosa" / "Kevin_MacLeod_-_Vibe_Ace.ogg");
  EXPECT_EQ(song.kind, MediaKind::kAudio);
  EXPECT_EQ(song.cover_type, "image/jpeg");
}

}  // namespace
}  // namespace zhiyin
