// What a piano roll of likelihoods says: notes, and how the music is made of them.
#pragma once

#include <array>
#include <vector>

#include "domain/feature_block.h"
#include "understand/embed/sound/basic_pitch.h"

namespace zhiyin {

struct Note {
  int key = 0;  // 0..87, A0 first
  double start_s = 0;
  double end_s = 0;
  float certainty = 0;  // mean likelihood while it sounds
};

inline constexpr double kKeyFrame_s = static_cast<double>(BasicPitch::kFrame) / BasicPitch::kRate;

// A note begins where an onset is likely (>= .5, a peak) or where the key comes to sound likely (>= .5) without one; it
// lasts while the key stays likely (>= .3, gaps of up to 3 frames are bridged) and no new onset comes, and counts from
// 5 frames (58 ms) on. In order of start, then key.
std::vector<Note> notes_of(const KeyFrames& heard);

// Music by its notes, kNoteFeatures numbers, none of them NaN, in natural units:
//
//   from  count  what
//      0     12  pitch classes from C: share of the sounding seconds; sums to 1, or zeros
//     12      6  intervals: how often pitch classes 1 to 6 half-tones apart share the profile (autocorrelation; the
//                same in
//                every key)
//     18      8  register: share of the sounding seconds by octave, A0 first
//     26      5  polyphony: share of the time with 0, 1, 2, 3, 4 or more notes
//     31     11  log notes a second, log onsets a second (those within 50 ms are one), log mean seconds of a note and
//                deviation of the log, mean key and deviation (octaves), mean certainty, mean polyphony, mean step
//                between the highest notes that follow each other (octaves), share of steps up, share of steps of at
//                most a tone
//     42     22  salience: mean and deviation over time of the likelihood of 11 groups of 8 keys
//
// `heard` may be several stretches of the music joined.
inline constexpr int kNoteFeatures = 64;
inline constexpr std::array<FeatureBlock, 6> kNoteBlocks{{{"pitch_classes", 0, 12},
                                                          {"intervals", 12, 6},
                                                          {"register", 18, 8},
                                                          {"polyphony", 26, 5},
                                                          {"movement", 31, 11},
                                                          {"salience", 42, 22}}};
std::vector<float> note_features(const KeyFrames& heard, const std::vector<Note>& notes);

}  // namespace zhiyin
