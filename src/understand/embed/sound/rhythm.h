// When things begin in a sound, and how regularly.
#pragma once

#include <span>

namespace zhiyin {

struct Rhythm {
  double onsets_per_s = 0;
  double tempo_bpm = 0;      // 0 where no pulse is found
  double pulse_clarity = 0;  // [0, 1]: how much of the onset strength repeats at that tempo
};

// flux: spectral flux of each frame (mel.h), hop_s apart. Onsets are peaks over a moving mean; the tempo is the
// strongest lag of the autocorrelation of flux between 40 and 240 beats a minute, with Ellis' (2007) log-normal
// preference for 120.
Rhythm rhythm_of(std::span<const float> flux, double hop_s);

}  // namespace zhiyin
