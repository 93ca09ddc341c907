#include "understand/embed/sound/sound_features.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/media_files.h"
#include "support/places.h"
#include "understand/embed/sound/mel.h"
#include "understand/embed/sound/rhythm.h"
#include "understand/media/media.h"

namespace zhiyin {
namespace {

constexpr int kCentroid = 92;
constexpr int kFlatness = 98;
constexpr int kChroma = 116;

std::vector<float> features(const Sound& sound) { return sound_features(sound).value(); }

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return ab / std::sqrt(aa * bb);
}

TEST(SoundFeatures, HaveTheDimensionTheyDocument) {
  int end = 0;
  for (const auto& block : kSoundBlocks) {
    EXPECT_EQ(block.first, end);
    end += block.count;
  }
  EXPECT_EQ(end, kSoundFeatures);
  EXPECT_EQ(features(noise(1)).size(), static_cast<std::size_t>(kSoundFeatures));
}

TEST(SoundFeatures, AToneOf440HzIsAnA) {
  const auto found = features(tone(440, 2));
  const auto peak = std::max_element(found.begin() + kChroma, found.begin() + kChroma + 12) - found.begin() - kChroma;
  EXPECT_EQ(peak, 9);  // from C
  EXPECT_GT(found[kChroma + 9], 0.8);
  EXPECT_NEAR(std::exp2(found[kCentroid]), 440, 25);
}

TEST(SoundFeatures, NoiseIsFlatAndAToneIsNot) {
  EXPECT_GT(features(noise(1))[kFlatness], features(tone(440, 1))[kFlatness] + 3);
}

TEST(SoundFeatures, LoudnessIsTakenOut) {
  auto quiet = noise(1);
  const auto loud = features(quiet);
  for (auto& sample : quiet.samples) sample *= 0.05F;
  const auto same = features(quiet);
  for (std::size_t i = 0; i < same.size(); ++i) EXPECT_NEAR(same[i], loud[i], 1e-2) << i;
}

TEST(SoundFeatures, AnyLengthGivesFiniteNumbers) {
  for (const double seconds : {0.0, 0.0001, 0.01, 0.1, 0.5}) {
    for (const int rate : {8000, 44100}) {
      for (const auto& sound : {tone(440, seconds, rate), noise(seconds, rate),
                                Sound{rate, std::vector<float>(static_cast<std::size_t>(seconds * rate), 0.0F)}}) {
        const auto found = features(sound);
        ASSERT_EQ(found.size(), static_cast<std::size_t>(kSoundFeatures));
        for (const float value : found) ASSERT_TRUE(std::isfinite(value));
      }
    }
  }
}

TEST(SoundFeatures, SurviveAnotherContainerAndCodec) {
  const auto media = real_media();
  if (!media) GTEST_SKIP() << "no real clips here: set ZHIYIN_SHARED_DATA";
  const MediaFolder folder;
  const auto original = *media / "audio" / "librosa" / "sorohanro_-_solo-trumpet-06.ogg";
  const auto heard = [](const std::filesystem::path& file) {
    return features(decode(file, {}, program_path()).value().music);
  };
  const auto before = heard(original);
  const auto flac = heard(folder.ffmpeg("same.flac", "-i '" + original.string() + "' -sample_fmt s16"));
  const auto mp3 = heard(folder.ffmpeg("near.mp3", "-i '" + original.string() + "' -b:a 192k"));
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_NEAR(flac[i], before[i], 0.02 + 0.02 * std::abs(before[i])) << i;
  }
  EXPECT_GT(cosine(before, mp3), 0.98);
}

TEST(Rhythm, FindsThePulseOfAClick) {
  Sound clicks{.sample_rate = kAnalysisRate,
               .samples = std::vector<float>(static_cast<std::size_t>(8 * kAnalysisRate), 0.0F)};
  const auto burst = noise(0.02, kAnalysisRate).samples;
  for (std::size_t beat = 0; beat < 16; ++beat) {  // 120 a minute
    std::ranges::copy(burst, clicks.samples.begin() + static_cast<std::ptrdiff_t>(beat * kAnalysisRate / 2 + 500));
  }
  const auto mel = mel_frames(clicks);
  const auto rhythm = rhythm_of(mel.flux, mel.hop_s);
  EXPECT_NEAR(rhythm.tempo_bpm, 120, 2);
  EXPECT_NEAR(rhythm.onsets_per_s, 2, 0.2);
  EXPECT_GT(rhythm.pulse_clarity, 0.5);
}

TEST(Rhythm, SilenceHasNone) {
  const std::vector<float> flux(500, 0.0F);
  EXPECT_EQ(rhythm_of(flux, 0.01).tempo_bpm, 0);
  EXPECT_EQ(rhythm_of(flux, 0.01).onsets_per_s, 0);
}

}  // namespace
}  // namespace zhiyin
