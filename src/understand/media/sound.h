// The sound of a file as mono samples.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "understand/media/budget.h"
#include "understand/media/media.h"

namespace zhiyin {

class Container;

inline constexpr int kSpeechRate = 16000;
inline constexpr int kHighestRate = 48000;

struct DecodedSound {
  Sound mono;
  std::optional<Loudness> loudness;
};

// At most limits.sound_s from the middle of the file, at its own rate or kHighestRate if that is lower, every channel
// mixed into one; the loudness is measured before that, channel by channel. Stops early, with a warning, when its share
// of the budget is spent. An error where not one sample can be decoded.
Result<DecodedSound> decode_sound(const Container& container, const DecodeLimits& limits, const Budget& budget,
                                  std::vector<std::string>& warnings);

// The same sound at another rate.
Result<Sound> resampled(const Sound& sound, int sample_rate);

// Whether nothing in it is louder than -80 dB of full scale.
bool is_silent(const Sound& sound);

}  // namespace zhiyin
