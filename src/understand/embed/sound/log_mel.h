// Log-mel spectra as a described network wants them: Whisper's, CLAP's and their kin differ in a few numbers.
//
// Every hop, a periodic Hann window centred there (the sound mirrored at its ends) → power spectrum → triangles equally
// wide on the mel scale → logarithm. The spectrum is a product with a matrix of cosines and sines, so that windows of
// any length do (Whisper's has 400 samples); about 2 transform^2 / hop multiplications a sample.
//
// Thread-safe once made.
#pragma once

#include <span>
#include <vector>

#include "understand/embed/onnx/encoder_description.h"

namespace zhiyin {

class LogMel {
 public:
  explicit LogMel(const SoundDescription& description);

  // How many spectra so many samples have.
  [[nodiscard]] std::size_t frames(std::size_t samples) const;

  // Row-major: bands x frames, or frames x bands where the description says frames_first.
  [[nodiscard]] std::vector<float> operator()(std::span<const float> samples) const;

 private:
  // What the triangles hold of each spectrum: frames x bands.
  [[nodiscard]] std::vector<float> band_powers(std::span<const float> samples) const;

  SoundDescription description_;
  std::size_t bins_ = 0;
  std::vector<float> waves_;      // transform x 2 bins_: window times cosine, then window times sine
  std::vector<float> triangles_;  // bins_ x bands
};

}  // namespace zhiyin
