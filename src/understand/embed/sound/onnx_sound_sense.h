// An encoder of sound that somebody describes: the sound half of CLAP, MERT, wav2vec, anything of samples or log-mel
// spectra to a vector. One vector for an item: the mean over windows that are spread over what was decoded.
#pragma once

#include <optional>

#include "understand/embed/onnx/described_network.h"
#include "understand/embed/sound/log_mel.h"
#include "understand/sense.h"

namespace zhiyin {

// At most description.windows windows of description.seconds, spread evenly, each full: a sound that is shorter is
// continued with silence or repeated. samples are at description.rate; no samples, no window. Thread-safe.
std::vector<std::vector<float>> sound_windows(std::span<const float> samples, const SoundDescription& description);

// Samples or spectra turned into what goes into the network, in the number of extents that its input has.
class SoundInput {
 public:
  // input: of the network, kWave or kFeatures. Errors: a shape that the description does not give.
  static Result<SoundInput> make(const SoundDescription& description, const EncoderInput& input);
  [[nodiscard]] DescribedNetwork::Given operator()(std::vector<float> window) const;

 private:
  SoundDescription description_;
  std::optional<LogMel> log_mel_;
  std::vector<std::int64_t> shape_;
};

class OnnxSoundSense final : public Sense {
 public:
  // Loads the network and tries it on silence. Errors say where the encoder is described.
  static Result<std::unique_ptr<OnnxSoundSense>> open(const EncoderDescription& description);

  [[nodiscard]] std::string_view name() const override { return description_.name; }
  [[nodiscard]] int version() const override { return description_.version; }
  [[nodiscard]] std::size_t dim() const { return dim_; }
  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception& found) const override;

  // A vector of a window, whole: as many samples as the description says.
  [[nodiscard]] Result<std::vector<float>> encode(std::vector<float> window) const;

 private:
  OnnxSoundSense(EncoderDescription description, DescribedNetwork network, SoundInput input)
      : description_(std::move(description)), network_(std::move(network)), input_(std::move(input)) {}

  EncoderDescription description_;
  DescribedNetwork network_;
  SoundInput input_;
  std::size_t dim_ = 0;
};

}  // namespace zhiyin
