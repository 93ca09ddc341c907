// Where speech is found: the rules over made-up probabilities, and the model over real clips and made music.
#include "understand/embed/sound/voice_activity.h"

#include <gtest/gtest.h>

#include "support/media_files.h"
#include "support/places.h"
#include "understand/embed/manifest.h"
#include "understand/media/sound.h"

namespace zhiyin {
namespace {

constexpr double kWindow_s = 0.032;

// So many windows of each probability.
std::vector<float> likely(std::initializer_list<std::pair<int, float>> runs) {
  std::vector<float> all;
  for (const auto& [count, probability] : runs) all.insert(all.end(), static_cast<std::size_t>(count), probability);
  return all;
}

std::vector<SpeechSegment> segments(const std::vector<float>& probabilities) {
  return speech_segments(probabilities, kWindow_s, static_cast<double>(probabilities.size()) * kWindow_s);
}

TEST(SpeechSegments, BeginAndEndWhereTheProbabilityDoes) {
  const auto found = segments(likely({{20, 0.1F}, {20, 0.9F}, {20, 0.1F}}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(found[0].start_s, 20 * kWindow_s - 0.03, 1e-9);
  EXPECT_NEAR(found[0].end_s, 40 * kWindow_s + 0.03, 1e-9);
}

TEST(SpeechSegments, AreNotCutByAWeakWindowOrAShortPause) {
  EXPECT_EQ(segments(likely({{20, 0.9F}, {30, 0.4F}, {20, 0.9F}})).size(), 1U);  // above where speech may end
  EXPECT_EQ(segments(likely({{20, 0.9F}, {3, 0.1F}, {20, 0.9F}})).size(), 1U);   // 96 ms
  EXPECT_EQ(segments(likely({{20, 0.9F}, {4, 0.1F}, {20, 0.9F}})).size(), 2U);   // 128 ms
}

TEST(SpeechSegments, ThatAreShortAreClicks) {
  EXPECT_TRUE(segments(likely({{20, 0.1F}, {7, 0.9F}, {20, 0.1F}})).empty());
  EXPECT_EQ(segments(likely({{20, 0.1F}, {8, 0.9F}, {20, 0.1F}})).size(), 1U);
}

TEST(SpeechSegments, StayInsideTheSoundAndApart) {
  const auto found = segments(likely({{20, 0.9F}, {4, 0.1F}, {20, 0.9F}}));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].start_s, 0);
  EXPECT_LE(found[0].end_s, found[1].start_s);
  EXPECT_EQ(found[1].end_s, 44 * kWindow_s);
  EXPECT_NEAR(speech_seconds(found, 0.1, 0.3), 0.2, 1e-9);
  EXPECT_TRUE(segments({}).empty());
}

class VoiceModel : public testing::Test {
 protected:
  void SetUp() override {
    const auto folder = model_cache() / VoiceActivity::kFolder;
    if (!std::filesystem::exists(folder))
      GTEST_SKIP() << "NOT TESTED: no voice detector in " << folder << "; `./run setup` fetches it";
    auto opened = VoiceActivity::open(folder);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    voices_ = std::move(*opened);
  }
  double share(const Sound& sound) {
    return speech_seconds(voices_->segments(sound).value()) * VoiceActivity::kRate /
           static_cast<double>(sound.samples.size());
  }
  std::unique_ptr<VoiceActivity> voices_;
};

TEST_F(VoiceModel, HearsNoSpeechInMusicNoiseOrSilence) {
  const MediaFolder folder;
  const auto music = folder.ffmpeg("music.flac",
                                   "-f lavfi -i \"aevalsrc='0.3*sin(2*PI*t*220*pow(2,mod(floor(3*t)*7,12)/12))"
                                   "*exp(-4*mod(t,1/3))+0.1*sin(2*PI*110*t)':s=44100:d=8\"");
  EXPECT_EQ(share(decode(music, {}, program_path()).value().speech), 0);
  EXPECT_EQ(share(noise(4, VoiceActivity::kRate)), 0);
  EXPECT_EQ(share(tone(440, 4, VoiceActivity::kRate)), 0);
  EXPECT_EQ(share({VoiceActivity::kRate, std::vector<float>(4 * VoiceActivity::kRate, 0.0F)}), 0);
}

TEST_F(VoiceModel, HearsSpeechInRealClipsAndNotInTheSilenceAround) {
  const auto media = real_media();
  if (!media) GTEST_SKIP() << "no real clips here: set ZHIYIN_SHARED_DATA";
  auto speech = decode(*media / "audio/librosa/5703-47212-0000.ogg", {}, program_path()).value().speech;
  EXPECT_GT(share(speech), 0.8);
  const auto seconds = static_cast<double>(speech.samples.size()) / VoiceActivity::kRate;
  speech.samples.insert(speech.samples.begin(), 5 * VoiceActivity::kRate, 0.0F);
  const auto found = voices_->segments(speech).value();
  ASSERT_FALSE(found.empty());
  EXPECT_GT(found.front().start_s, 4.8);
  EXPECT_LE(found.back().end_s, 5 + seconds);
}

TEST_F(VoiceModel, GivesOneProbabilityAWindowAndTheSameSegmentsAgain) {
  const auto sound = noise(1.01, VoiceActivity::kRate);
  EXPECT_EQ(voices_->probabilities(sound).value().size(), 32U);
  EXPECT_TRUE(voices_->probabilities({VoiceActivity::kRate, {}}).value().empty());
  const auto media = real_media();
  if (!media) GTEST_SKIP() << "no real clips here: set ZHIYIN_SHARED_DATA";
  const auto speech = decode(*media / "audio/mdn/countdown.mp3", {}, program_path()).value().speech;
  const auto first = voices_->listen(speech).value();
  EXPECT_EQ(first.size(), 10U);  // ten numbers are counted down
  const auto again = voices_->segments(speech).value();
  ASSERT_EQ(again.size(), first.size());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(again[i].start_s, first[i].start_s);
}

}  // namespace
}  // namespace zhiyin
