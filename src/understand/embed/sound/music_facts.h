// What a listener would say of music in single words and numbers.
#pragma once

#include "base/json.h"
#include "understand/embed/sound/sound_features.h"

namespace zhiyin {

// Adds to facts, where there is enough to go by:
//   "onsets_per_s"  of half a second of sound and more
//   "tempo_bpm"     of 4 s and more with a clear pulse, not of speech
//   "key"           of 4 s and more whose pitch classes fit one key, not of speech: "A minor"
// speech_share: how much of the sound is speech, [0, 1].
void add_music_facts(const SoundAnalysis& analysis, double speech_share, Json& facts);

}  // namespace zhiyin
