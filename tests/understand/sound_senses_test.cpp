// All senses of sound together: what a file costs them, and what a missing or damaged model costs.
#include "understand/embed/sound/sound_senses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/file.h"
#include "support/media_files.h"
#include "support/temporary_folder.h"
#include "understand/embed/manifest.h"
#include "understand/embed/senses.h"
#include "understand/embed/sound/basic_pitch.h"
#include "understand/embed/sound/speech_embedding.h"
#include "understand/embed/sound/voice_activity.h"
#include "understand/media/sound.h"

namespace zhiyin {
namespace {

using testing::Contains;
using testing::Not;

Decoded tune(double seconds) {
  Decoded decoded{.kind = MediaKind::kAudio};
  decoded.music = tone(440, seconds);
  for (std::size_t i = 0; i < decoded.music.samples.size(); ++i) {  // struck twice a second
    decoded.music.samples[i] *= std::exp(-6 * static_cast<float>(i % 22050) / 22050);
  }
  decoded.speech = resampled(decoded.music, 16000).value();
  decoded.loudness = Loudness{-20.04, 3};
  return decoded;
}

std::vector<std::string> names(const Senses& senses) {
  std::vector<std::string> all;
  for (const auto& sense : senses) all.emplace_back(sense->name());
  return all;
}

std::vector<std::string> encoders(const Perception& found) {
  std::vector<std::string> all;
  for (const auto& vector : found.vectors) {
    all.push_back(vector.encoder);
    for (const float value : vector.values) EXPECT_TRUE(std::isfinite(value)) << vector.encoder;
  }
  return all;
}

TEST(SoundSenses, WithoutModelsStillHearWhatNeedsNone) {
  const TemporaryFolder cache;
  Senses senses;
  open_sound_senses(cache.path(), false, senses);
  EXPECT_THAT(names(senses), testing::ElementsAre("sound.classic", "fingerprint"));
  const auto found = perceive(senses, tune(6));
  EXPECT_THAT(encoders(found), testing::ElementsAre("sound.classic"));
  EXPECT_EQ(found.facts["loudness_lufs"].as_number(), -20.0);
  EXPECT_NEAR(found.facts["tempo_bpm"].as_number(), 120, 1);
  EXPECT_FALSE(found.facts["chromaprint"].as_string().empty());
}

class SoundModels : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto folder : {VoiceActivity::kFolder, SpeechEmbedding::kFolder, BasicPitch::kFolder}) {
      if (!std::filesystem::exists(model_cache() / folder)) {
        GTEST_SKIP() << "NOT TESTED: " << (model_cache() / folder) << " is not there; `./run setup` fetches it";
      }
      std::filesystem::create_directories(cache_ / "models");
      std::filesystem::copy(model_cache() / folder, cache_ / std::filesystem::path(folder),
                            std::filesystem::copy_options::recursive);
    }
    if (!std::filesystem::exists(cache_ / BasicPitch::kFolder / BasicPitch::kFile)) {
      GTEST_SKIP() << "NOT TESTED: basic-pitch has not been made ready; `zhiyin setup` does it";
    }
  }
  TemporaryFolder cache_;
};

TEST_F(SoundModels, GiveVectorsAndFactsOfMusic) {
  Senses senses;
  open_sound_senses(cache_.path(), false, senses);
  const auto found = perceive(senses, tune(8));
  for (const auto& run : found.runs) EXPECT_EQ(run.problem, "") << run.encoder;
  EXPECT_THAT(encoders(found), testing::UnorderedElementsAre("sound.classic", "sound.pitch", "speech.embedding"));
  EXPECT_EQ(found.facts["speech_share"].as_number(), 0);
  EXPECT_NEAR(found.facts["notes_per_s"].as_number(), 2, 0.7);
}

TEST_F(SoundModels, HearNothingInSilenceAndNoMusicInAnInstant) {
  Senses senses;
  open_sound_senses(cache_.path(), false, senses);
  Decoded silent{.kind = MediaKind::kAudio};
  silent.music = {44100, std::vector<float>(44100, 0.0F)};
  EXPECT_THAT(encoders(perceive(senses, silent)), testing::ElementsAre("sound.classic"));
  EXPECT_THAT(encoders(perceive(senses, tune(1))), Not(Contains("sound.pitch")));
  EXPECT_TRUE(perceive(senses, Decoded{}).vectors.empty());
}

TEST_F(SoundModels, ThatAreDamagedCostTheirSenseOnly) {
  ASSERT_TRUE(write_file_atomic(cache_ / VoiceActivity::kFolder / "silero_vad_v6.onnx", "half a model").ok());
  std::filesystem::remove(cache_ / SpeechEmbedding::kFolder / "embedding_model.onnx");
  Senses senses;
  open_sound_senses(cache_.path(), true, senses);
  EXPECT_THAT(names(senses), testing::ElementsAre("sound.classic", "sound.pitch", "fingerprint"));
  EXPECT_THAT(encoders(perceive(senses, tune(8))), testing::UnorderedElementsAre("sound.classic", "sound.pitch"));
}

}  // namespace
}  // namespace zhiyin
