// Sound as numbers without any model: what it is made of, how it changes, what it does over time. Encoder
// "sound.classic".
//
// A fixed order of kSoundFeatures values, none of them NaN, in natural units (callers z-score them over their
// catalogue):
//
//   from  count  what
//      0     60  MFCC: mean (20), standard deviation (20), mean |difference of neighbours| (20); coefficient 0 first
//     60     32  log-mel spectrum, 64 bands in 16 groups of four: mean (16), standard deviation (16)
//     92     14  mean and standard deviation, in turn, of log2 centroid, log2 spread, log2 roll-off, log flatness,
//                flux, zero
//                crossings, level in dB under the loudest frame
//    106      6  crest factor in dB, share of silence, log2 seconds of sound, time centroid of the energy [0, 1],
//                attack share
//                [0, 1], level range (95th minus 10th percentile, dB)
//    112      4  onsets a second, log2 tempo (0 without a pulse), pulse clarity, chroma peak (12 x the largest class)
//    116     12  chroma from C, sums to 1
//    128     60  course: MFCC 1 to 12 of each fifth of the sounding part, minus the clip's mean
//
// Loudness is taken out first: the same sound played softer has the same features. Everything is computed at 22.05 kHz
// mono.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/feature_block.h"
#include "understand/embed/sound/mel.h"
#include "understand/embed/sound/rhythm.h"
#include "understand/media/media.h"

namespace zhiyin {

inline constexpr std::string_view kSoundEncoder = "sound.classic";
inline constexpr int kSoundEncoderVersion = 2;
inline constexpr int kSoundFeatures = 188;

inline constexpr std::array<FeatureBlock, 7> kSoundBlocks{{{"mfcc", 0, 60},
                                                           {"log_mel", 60, 32},
                                                           {"shape", 92, 14},
                                                           {"dynamics", 106, 6},
                                                           {"rhythm", 112, 4},
                                                           {"chroma", 116, 12},
                                                           {"course", 128, 60}}};

// What the features are made of, for whoever wants more of it than numbers (music_facts.h).
struct SoundAnalysis {
  double seconds = 0;
  MelFrames mel;
  Rhythm rhythm;
  std::vector<float> chroma;  // 12, see mel.h
};

// Of any length and rate. Errors: none but of the resampler. Thread-safe.
Result<SoundAnalysis> analyse(const Sound& sound);

// Silence and empty sound give finite values, the same ones each time. Thread-safe.
std::vector<float> sound_features(const SoundAnalysis& analysis);
Result<std::vector<float>> sound_features(const Sound& sound);

}  // namespace zhiyin
