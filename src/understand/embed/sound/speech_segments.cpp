#include "understand/embed/sound/speech_segments.h"

#include <algorithm>

namespace zhiyin {
namespace {

// Grown by the padding; neighbours nearer than two paddings meet in the middle of their gap instead.
void pad(std::vector<SpeechSegment>& segments, double padding_s, double duration_s) {
  for (std::size_t i = 0; i < segments.size(); ++i) {
    auto& segment = segments[i];
    if (i == 0) segment.start_s = std::max(segment.start_s - padding_s, 0.0);
    if (i + 1 == segments.size()) {
      segment.end_s = std::min(segment.end_s + padding_s, duration_s);
      continue;
    }
    auto& next = segments[i + 1];
    const double give_s = std::min(padding_s, (next.start_s - segment.end_s) / 2);
    segment.end_s += give_s;
    next.start_s -= give_s;
  }
}

}  // namespace

std::vector<SpeechSegment> speech_segments(std::span<const float> probabilities, double window_s, double duration_s,
                                           const SegmentRules& rules) {
  std::vector<SpeechSegment> segments;
  bool speaking = false;
  double start_s = 0;
  double pause_s = -1;  // where the pause at hand began; -1: there is none
  const auto close = [&](double end_s) {
    if (end_s - start_s >= rules.least_speech_s) segments.push_back({start_s, end_s});
    speaking = false;
    pause_s = -1;
  };
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    const double now_s = static_cast<double>(i) * window_s;
    if (probabilities[i] >= rules.begin_at) {
      if (!speaking) start_s = now_s;
      speaking = true;
      pause_s = -1;
    } else if (speaking && probabilities[i] < rules.end_below) {
      if (pause_s < 0) pause_s = now_s;
      if (now_s + window_s - pause_s >= rules.least_silence_s) close(pause_s);
    }
  }
  if (speaking) close(std::min(static_cast<double>(probabilities.size()) * window_s, duration_s));
  pad(segments, rules.padding_s, duration_s);
  return segments;
}

double speech_seconds(std::span<const SpeechSegment> segments, double start_s, double end_s) {
  double sum_s = 0;
  for (const auto& segment : segments) {
    sum_s += std::max(std::min(segment.end_s, end_s) - std::max(segment.start_s, start_s), 0.0);
  }
  return sum_s;
}

double speech_seconds(std::span<const SpeechSegment> segments) {
  double sum_s = 0;
  for (const auto& segment : segments) sum_s += segment.end_s - segment.start_s;
  return sum_s;
}

}  // namespace zhiyin
