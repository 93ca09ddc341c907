#include "understand/embed/sound/music_facts.h"

#include <algorithm>
#include <cmath>

#include "understand/embed/sound/musical_key.h"

namespace zhiyin {
namespace {

constexpr double kLeast_s = 0.5;
constexpr double kMusic_s = 4;
constexpr double kMostSpeech = 0.5;
constexpr double kClearPulse = 0.1;  // of Rhythm::pulse_clarity
constexpr double kClearKey = 0.6;    // of MusicalKey::likeness; noise, whose classes are nearly equal, stays below
constexpr float kTonal = 1.5F / 12;  // the largest pitch class of noise has hardly more than a twelfth

double rounded(double value, double step) { return std::round(value / step) * step; }

}  // namespace

void add_music_facts(const SoundAnalysis& analysis, double speech_share, Json& facts) {
  if (analysis.seconds >= kLeast_s) facts.set("onsets_per_s", rounded(analysis.rhythm.onsets_per_s, 0.01));
  if (analysis.seconds < kMusic_s || speech_share > kMostSpeech) return;
  if (analysis.rhythm.tempo_bpm > 0 && analysis.rhythm.pulse_clarity >= kClearPulse) {
    facts.set("tempo_bpm", rounded(analysis.rhythm.tempo_bpm, 0.1));
  }
  if (*std::ranges::max_element(analysis.chroma) < kTonal) return;
  if (const auto key = key_of(analysis.chroma); key && key->likeness >= kClearKey) facts.set("key", to_string(*key));
}

}  // namespace zhiyin
