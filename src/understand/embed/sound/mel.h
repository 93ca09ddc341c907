// Sound → log-mel spectra and cepstra (MFCC), the raw material of the sound features.
#pragma once

#include <vector>

#include "understand/media/media.h"

namespace zhiyin {

inline constexpr int kMelBands = 64;
inline constexpr int kMfcc = 20;

// Frame by frame, each row-major, frames x width. A clip of any length has at least one frame.
struct MelFrames {
  int frames = 0;
  double hop_s = 0.010;
  std::vector<float>
      log_mel;              // kMelBands wide: natural log of the band's power, not lower than 80 dB under the loudest
  std::vector<float> mfcc;  // kMfcc wide: orthonormal DCT-II of log_mel
  // One number a frame:
  std::vector<float> rms;        // of the samples, linear
  std::vector<float> centroid;   // Hz, of the power spectrum
  std::vector<float> spread;     // Hz, its standard deviation
  std::vector<float> roll_off;   // Hz, below which 85% of the power lies
  std::vector<float> flatness;   // geometric over arithmetic mean of the power, (0, 1]
  std::vector<float> flux;       // mean rise of the log-mel bands since the frame before, >= 0
  std::vector<float> crossings;  // zero crossings per sample
};

// Window 25 ms (Hann), hop 10 ms, bands equally wide on the mel scale (O'Shaughnessy 1987) from 40 Hz to half of
// sample_rate. sound must be at kAnalysisRate.
inline constexpr int kAnalysisRate = 22050;
MelFrames mel_frames(const Sound& sound);

// 12 pitch classes from C, equal temperament at A = 440 Hz, from 65 to 2000 Hz, of windows of 186 ms; sums to 1, or all
// zero for silence.
std::vector<float> chroma(const Sound& sound);

}  // namespace zhiyin
