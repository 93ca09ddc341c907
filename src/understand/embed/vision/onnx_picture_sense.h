// An encoder of pictures that somebody describes: the picture half of CLIP and its kin, any network of pixels to a
// vector. One vector for an item: the mean of its frames' vectors, of unit length.
#pragma once

#include "understand/embed/onnx/described_network.h"
#include "understand/sense.h"

namespace zhiyin {

// A frame as the description wants it: width x height x 3 numbers, channels first or last. Thread-safe.
std::vector<float> prepared_picture(const Frame& frame, const PictureDescription& description);

class OnnxPictureSense final : public Sense {
 public:
  // Loads the network and tries it on a grey picture. Errors say where the encoder is described.
  static Result<std::unique_ptr<OnnxPictureSense>> open(const EncoderDescription& description);

  [[nodiscard]] std::string_view name() const override { return description_.name; }
  [[nodiscard]] int version() const override { return description_.version; }
  [[nodiscard]] std::size_t dim() const { return dim_; }
  [[nodiscard]] Result<void> perceive(const Decoded& decoded, Perception& found) const override;

  // A vector of a frame, of unit length if the description says so.
  [[nodiscard]] Result<std::vector<float>> encode(const Frame& frame) const;

 private:
  OnnxPictureSense(EncoderDescription description, DescribedNetwork network)
      : description_(std::move(description)), network_(std::move(network)) {}

  EncoderDescription description_;
  DescribedNetwork network_;
  std::size_t dim_ = 0;
};

}  // namespace zhiyin
