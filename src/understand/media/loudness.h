// How loud a programme is, as broadcasters measure it: ITU-R BS.1770-4 (K-weighting, gated blocks) and EBU Tech 3342
// (loudness range).
//
//   z_c   mean square of channel c after two filters: a shelf that lifts what lies above 1.7 kHz by 4 dB (the head),
//         and a
//         high pass at 38 Hz
//   L     -0.691 + 10 log10 sum_c G_c z_c of a stretch of time, in LUFS
//
// Integrated: L of the mean over blocks of 400 ms, one every 100 ms, that reach -70 LUFS and also the mean of those
// less 10 LU. Range: the 95th less the 10th percentile of L over 3 s, one every 100 ms, of those that reach -70 LUFS
// and also their mean less 20 LU.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "understand/media/media.h"

namespace zhiyin {

// Confined to one thread.
class LoudnessMeter {
 public:
  // What comes next: samples a second, and G_c of each channel: 1, 1.41 for those at the sides and behind, 0 for low
  // frequency effects. May be called again where a stream changes; what was measured stays.
  void begin(int sample_rate, std::span<const double> gains);

  // Full scale is 1; one pointer a channel, as many samples behind each.
  void add(std::span<const float* const> channels, std::size_t count);

  // Nothing where not one block of 400 ms reaches -70 LUFS. The range of less than 3 s is 0.
  [[nodiscard]] std::optional<Loudness> measured() const;

 private:
  // Second-order section, direct form II transposed.
  struct Section {
    double b0 = 1, b1 = 0, b2 = 0, a1 = 0, a2 = 0;
  };
  struct Channel {
    double gain = 1;
    std::array<double, 4> memory{};  // two sections, two values each
  };
  void close_step();

  std::array<Section, 2> sections_;
  std::vector<Channel> channels_;
  std::size_t step_ = 0;       // samples of 100 ms
  std::size_t seen_ = 0;       // of the step at hand
  double energy_ = 0;          // sum of G_c y_c^2 over them
  std::vector<double> steps_;  // sum_c G_c z_c of each 100 ms
};

}  // namespace zhiyin
