// basic-pitch against what the original gives under TensorFlow.js, and the notes that are made of it.
#include "understand/embed/sound/basic_pitch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <set>

#include "base/build.h"
#include "base/file.h"
#include "base/json.h"
#include "support/media_files.h"
#include "understand/embed/models.h"
#include "understand/embed/sound/notes.h"
#include "understand/embed/sound/pitch_sense.h"

namespace zhiyin {
namespace {

constexpr int kMiddleC = 39;  // from A0

// Each of the pitches with its second and third partial, dying away.
std::vector<float> chord(std::initializer_list<double> pitches_hz, std::size_t count, double decay = 1.5) {
  std::vector<float> samples(count);
  for (std::size_t t = 0; t < count; ++t) {
    const double seconds = static_cast<double>(t) / BasicPitch::kRate;
    double sum = 0;
    for (const double hz : pitches_hz) {
      for (int partial = 1; partial <= 3; ++partial)
        sum += std::sin(2 * std::numbers::pi * hz * partial * seconds) / partial;
    }
    samples[t] = static_cast<float>(0.2 * sum * std::exp(-decay * seconds));
  }
  return samples;
}

class BasicPitchModel : public testing::Test {
 protected:
  void SetUp() override {
    const auto folder = model_cache() / BasicPitch::kFolder;
    if (!std::filesystem::exists(folder / "model.json")) {
      GTEST_SKIP() << "NOT TESTED: basic-pitch is not in " << folder << "; `./run setup` fetches it";
    }
    const auto statuses = prepare_models(model_cache(), find_manifest().value());
    ASSERT_TRUE(statuses.ok()) << statuses.error().message;
    auto opened = BasicPitch::open(folder);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    model_ = std::move(*opened);
  }
  std::unique_ptr<BasicPitch> model_;
};

TEST_F(BasicPitchModel, GivesWhatTheOriginalGives) {
  const auto golden = Json::parse(read_file(source_dir() / "tests/data/basic_pitch_golden.json").value()).value();
  const auto heard = model_->window(chord({261.63, 329.63, 392.0}, BasicPitch::kWindow)).value();
  const auto step = static_cast<std::size_t>(golden["step"].as_integer());
  double worst = 0;
  std::size_t compared = 0;
  for (const auto& [name, rows] : {std::pair{"note", &heard.notes}, std::pair{"onset", &heard.onsets}}) {
    std::size_t frame = 0;
    for (const auto& row : golden[name].elements()) {
      for (std::size_t k = 0; k < row.elements().size(); ++k) {
        worst = std::max(worst, std::abs((*rows)[frame * KeyFrames::kKeys + k] - row.elements()[k].as_number()));
        ++compared;
      }
      frame += step;
    }
  }
  std::printf("largest difference from the original: %.2g\n", worst);
  EXPECT_EQ(compared, 2U * 18 * 88);
  EXPECT_LE(worst, 5e-6);
}

TEST_F(BasicPitchModel, AStretchIsTheMiddleOfItsWindow) {
  const auto samples = chord({440}, 2 * BasicPitch::kWindow, 0.5);
  constexpr auto kEdge = std::size_t{BasicPitch::kEdgeFrames} * BasicPitch::kFrame;
  const auto window = model_->window(std::span(samples).subspan(1000, BasicPitch::kWindow)).value();
  const auto stretch = model_->stretch(samples, 1000 + kEdge).value();
  ASSERT_EQ(stretch.frames, BasicPitch::kWindowFrames - 2 * BasicPitch::kEdgeFrames);
  ASSERT_EQ(stretch.notes.size(), static_cast<std::size_t>(stretch.frames) * KeyFrames::kKeys);
  EXPECT_EQ(stretch.notes.front(), window.notes[std::size_t{BasicPitch::kEdgeFrames} * KeyFrames::kKeys]);
}

TEST_F(BasicPitchModel, HearsTheNotesOfAChord) {
  const auto heard = model_->stretch(chord({261.63, 329.63, 392.0}, BasicPitch::kWindow), 0).value();
  std::set<int> keys;
  for (const auto& note : notes_of(heard)) keys.insert(note.key);
  EXPECT_THAT(keys, testing::IsSupersetOf({kMiddleC, kMiddleC + 4, kMiddleC + 7}));
  keys.erase(kMiddleC - 12);  // the C below: the fourth, fifth and sixth partials of it are the chord
  EXPECT_THAT(keys, testing::SizeIs(3));
}

KeyFrames silence(int frames) {
  const auto size = static_cast<std::size_t>(frames) * KeyFrames::kKeys;
  return {frames, std::vector<float>(size, 0.0F), std::vector<float>(size, 0.0F)};
}

void play(KeyFrames& roll, int key, int from, int to, float likely = 0.8F) {
  roll.onsets[static_cast<std::size_t>(from) * KeyFrames::kKeys + key] = 0.9F;
  for (int f = from; f < to; ++f) roll.notes[static_cast<std::size_t>(f) * KeyFrames::kKeys + key] = likely;
}

TEST(Notes, BeginAtOnsetsAndEndWhenTheKeyFallsSilent) {
  auto roll = silence(200);
  play(roll, 40, 10, 50);
  play(roll, 40, 50, 90);    // struck again
  play(roll, 52, 100, 103);  // too short
  const auto notes = notes_of(roll);
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_NEAR(notes[0].start_s, 10 * kKeyFrame_s, 1e-9);
  EXPECT_NEAR(notes[0].end_s, 50 * kKeyFrame_s, 1e-9);
  EXPECT_NEAR(notes[1].end_s, 90 * kKeyFrame_s, 1e-9);
  EXPECT_NEAR(notes[0].certainty, 0.8, 1e-6);
}

TEST(Notes, BridgeAShortGap) {
  auto roll = silence(100);
  play(roll, 40, 10, 50);
  for (int f = 30; f < 32; ++f) roll.notes[static_cast<std::size_t>(f) * KeyFrames::kKeys + 40] = 0.1F;
  ASSERT_EQ(notes_of(roll).size(), 1U);
}

TEST(NoteFeatures, DescribeAMelodyOverABass) {
  auto roll = silence(400);
  play(roll, 15, 0, 400);                                                           // C2
  for (int i = 0; i < 4; ++i) play(roll, kMiddleC + 2 * i, 100 * i, 100 * i + 80);  // C4 D4 E4 F#4: up by whole tones
  const auto features = note_features(roll, notes_of(roll));
  ASSERT_EQ(features.size(), static_cast<std::size_t>(kNoteFeatures));
  const auto at = [&](std::size_t block, int i) {
    return features[static_cast<std::size_t>(kNoteBlocks[block].first + i)];
  };
  EXPECT_NEAR(at(0, 0), 480.0 / 720, 1e-5);  // C, of the sounding time
  EXPECT_NEAR(at(0, 2), 80.0 / 720, 1e-5);   // D
  EXPECT_NEAR(at(2, 1), 400.0 / 720, 1e-5);  // the second octave from A0
  EXPECT_NEAR(at(3, 0), 0, 1e-6);            // never silent
  EXPECT_NEAR(at(3, 1), 0.2, 1e-6);          // the bass alone
  EXPECT_NEAR(at(3, 2), 0.8, 1e-6);          // with the melody
  EXPECT_NEAR(at(4, 9), 1, 1e-6);            // every step goes up
  EXPECT_NEAR(at(4, 10), 1, 1e-6);           // by at most a tone
}

TEST(NoteFeatures, IntervalsAreTheSameInEveryKey) {
  const auto intervals = [](int shift) {
    auto roll = silence(100);
    for (const int key : {39, 43, 46}) play(roll, key + shift, 0, 90);
    const auto features = note_features(roll, notes_of(roll));
    return std::vector<float>(features.begin() + kNoteBlocks[1].first,
                              features.begin() + kNoteBlocks[1].first + kNoteBlocks[1].count);
  };
  EXPECT_EQ(intervals(0), intervals(5));
  EXPECT_GT(intervals(0)[4], 0);  // a fifth apart, which is five half-tones the other way
}

TEST(NoteFeatures, NoNotesGiveFiniteNumbers) {
  for (const int frames : {0, 1, 50}) {
    const auto roll = silence(frames);
    for (const float value : note_features(roll, notes_of(roll))) EXPECT_TRUE(std::isfinite(value));
  }
}

TEST(MusicStretches, LeaveOutSpeechAndSilenceAndSpreadOverTheRest) {
  auto sound = tone(440, 60, BasicPitch::kRate);
  std::fill(sound.samples.begin(), sound.samples.begin() + 10 * BasicPitch::kRate, 0.0F);
  const std::vector<SpeechSegment> speech = {{20, 40}};
  const auto all = music_stretches(sound, speech, 1000);
  for (const auto start : all) {
    const double at_s = static_cast<double>(start) / BasicPitch::kRate;
    EXPECT_TRUE((at_s > 8 && at_s < 20) || at_s > 39) << at_s;
  }
  EXPECT_NEAR(static_cast<double>(all.size()), 30 / 1.64, 2);
  const auto some = music_stretches(sound, speech, 6);
  ASSERT_EQ(some.size(), 6U);
  EXPECT_EQ(some.front(), all.front());
  EXPECT_GT(some.back(), 50U * BasicPitch::kRate);
  EXPECT_TRUE(music_stretches({BasicPitch::kRate, {}}, {}, 6).empty());
}

}  // namespace
}  // namespace zhiyin
