#include "understand/embed/sound/music_facts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "support/media_files.h"
#include "understand/embed/sound/musical_key.h"

namespace zhiyin {
namespace {

// Notes of half a second, MIDI numbers, each with three partials.
Sound played(const std::vector<int>& midi) {
  constexpr int kRate = 44100;
  Sound sound{.sample_rate = kRate, .samples = {}};
  for (const int note : midi) {
    const double hz = 440 * std::exp2((note - 69) / 12.0);
    for (int t = 0; t < kRate / 2; ++t) {
      const double seconds = static_cast<double>(t) / kRate;
      double sum = 0;
      for (int partial = 1; partial <= 3; ++partial)
        sum += std::sin(2 * std::numbers::pi * hz * partial * seconds) / partial;
      sound.samples.push_back(static_cast<float>(0.3 * sum * std::exp(-3 * seconds)));
    }
  }
  return sound;
}

// A scale up and down over its tonic triad: the tonic is where it begins and ends.
std::vector<int> scale(int tonic, bool minor) {
  const std::vector<int> steps =
      minor ? std::vector<int>{0, 2, 3, 5, 7, 8, 11} : std::vector<int>{0, 2, 4, 5, 7, 9, 11};
  std::vector<int> notes;
  for (const int step : steps) notes.push_back(tonic + step);
  notes.push_back(tonic + 12);
  for (const int step : {7, minor ? 3 : 4, 0, 7, minor ? 3 : 4, 0}) notes.push_back(tonic + step);
  return notes;
}

Json facts_of(const Sound& sound, double speech_share = 0) {
  auto facts = Json::object();
  add_music_facts(analyse(sound).value(), speech_share, facts);
  return facts;
}

TEST(MusicalKey, OfAScaleIsItsTonicAndMode) {
  for (int tonic = 57; tonic < 69; ++tonic) {
    for (const bool minor : {false, true}) {
      const auto key = key_of(analyse(played(scale(tonic, minor))).value().chroma);
      ASSERT_TRUE(key.has_value());
      EXPECT_EQ(to_string(*key), to_string(MusicalKey{.tonic = tonic % 12, .minor = minor}));
      EXPECT_GT(key->likeness, 0.7);
    }
  }
}

TEST(MusicalKey, OfEqualClassesIsNone) {
  EXPECT_FALSE(key_of(std::vector<float>(12, 0.0F)).has_value());
  EXPECT_FALSE(key_of(std::vector<float>(12, 1.0F / 12)).has_value());
}

TEST(MusicFacts, NameTheKey) { EXPECT_EQ(facts_of(played(scale(57, true)))["key"].as_string(), "A minor"); }

TEST(MusicFacts, SayNothingOfTheKeyOfNoiseSpeechOrAnInstant) {
  EXPECT_TRUE(facts_of(noise(6))["key"].is_null());
  EXPECT_TRUE(facts_of(played(scale(57, true)), 0.9)["key"].is_null());
  EXPECT_TRUE(facts_of(played({57, 60, 64}))["key"].is_null());
  EXPECT_TRUE(facts_of(Sound{44100, {}})["onsets_per_s"].is_null());
}

TEST(MusicFacts, FindTheTempoOfClicks) {
  for (const double bpm : {72.0, 93.0, 120.0, 128.0, 150.0}) {
    constexpr int kRate = 44100;
    Sound clicks{.sample_rate = kRate, .samples = std::vector<float>(20 * kRate, 0.0F)};
    const auto burst = noise(0.02, kRate).samples;
    for (int beat = 0; beat * 60 / bpm < 19.5; ++beat) {
      std::ranges::copy(burst, clicks.samples.begin() + std::lround((0.1 + beat * 60 / bpm) * kRate));
    }
    const auto facts = facts_of(clicks);
    EXPECT_NEAR(facts["tempo_bpm"].as_number(), bpm, 0.01 * bpm);
    EXPECT_NEAR(facts["onsets_per_s"].as_number(), bpm / 60, 0.1);
  }
}

}  // namespace
}  // namespace zhiyin
