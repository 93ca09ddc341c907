// Where somebody speaks: the probabilities of a voice detector → stretches of speech.
#pragma once

#include <span>
#include <vector>

namespace zhiyin {

struct SpeechSegment {
  double start_s = 0;
  double end_s = 0;
};

struct SegmentRules {
  float begin_at = 0.5F;    // speech begins where the probability reaches this
  float end_below = 0.35F;  // and may end where it falls below that: hysteresis, so that one weak window cuts nothing
  double least_silence_s = 0.1;  // a shorter pause is part of the speech
  double least_speech_s = 0.25;  // a shorter stretch is a click
  double padding_s = 0.03;       // kept before and after, where there is room
};

// `probabilities`: one a window of window_s, in order. The segments are in order and do not touch; none goes past
// duration_s. The rules and their numbers are Silero's.
std::vector<SpeechSegment> speech_segments(std::span<const float> probabilities, double window_s, double duration_s,
                                           const SegmentRules& rules = {});

// Seconds of [start_s, end_s) that lie in segments.
double speech_seconds(std::span<const SpeechSegment> segments, double start_s, double end_s);
double speech_seconds(std::span<const SpeechSegment> segments);

}  // namespace zhiyin
