// How a video is cut, lit and moved: statistics of its glimpses and key frames (media.h).
//
// kShotStatistics values:
//      0  log2(1 + shots)
//      1  log2 of the mean length of a shot, seconds
//      2  log2 of the longest
//      3  log2(1 + cuts a minute)
//    4-6  change from glimpse to glimpse inside shots: mean, deviation, maximum
//      7  change a second, cuts among it: where every jump is a cut, nothing else tells of the unrest
//      8  share of glimpses that are as the one before: stills and slides
//      9  mean change at a cut, 0 without cuts
//  10-13  luma and saturation of the key frames: mean, deviation of luma; mean, deviation of saturation, all in [0, 1]
//     14  share of key frames that are nearly black
//     15  how far the mean colour wanders from key frame to key frame, in [0, 1]
// A long file is sampled: its shots are those that the samples show, fewer than there are.
#pragma once

#include <vector>

#include "understand/sense.h"

namespace zhiyin {

inline constexpr int kShotStatistics = 16;

// The file must have glimpses. Natural units, never NaN.
std::vector<float> shot_statistics(const Decoded& decoded);

// Of videos only: the vector, and the facts "shots" (their number) and "shot_s" (their mean length).
class ShotSense final : public Sense {
 public:
  static constexpr std::string_view kName = "vision.shots";

  [[nodiscard]] std::string_view name() const override { return kName; }
  [[nodiscard]] int version() const override { return 1; }
  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception& found) const override;
};

}  // namespace zhiyin
