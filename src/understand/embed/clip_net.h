// A small net that turns a sequence of small pictures into one vector: the pictures are windows of a log-mel spectrum,
// or key frames. What `zhiyin pretrain` learns from the user's own files.
//
//   each picture   3 x (convolution 3 x 3, stride 2; ReLU), 16 -> 32 -> 64 channels. No norm between them: one over the
//                  channels of a pixel makes silence as loud as sound
//                  mean over x (time in a spectrum, left to right in a frame), rows kept: pitch, above and below
//                  dense to kDim, ReLU
//   the sequence   x + attention(layer norm(x)), 4 heads; mean over the steps that are present
//
// About 155,000 weights for windows of 64 x 32. Thread-safe for embed() without `keep`; see base/nn/parameters.h.
#pragma once

#include <array>

#include "base/nn/attention.h"
#include "base/nn/conv2d.h"
#include "base/nn/layer_norm.h"

namespace zhiyin {

// The pictures a net looks at: extents are multiples of 8.
struct PictureShape {
  std::size_t height = 0;
  std::size_t width = 0;
  std::size_t channels = 0;

  [[nodiscard]] std::size_t size() const { return height * width * channels; }
};

// `steps.batch` sequences of `steps.time` pictures; a picture's pixels are its rows, row-major, channels together.
struct ClipBatch {
  nn::Matrix pixels;  // (batch * time * height * width) x channels
  nn::Sequences steps;
};

class ClipNet {
 public:
  static constexpr std::size_t kDim = 128;

  struct Kept {
    struct Stage {
      nn::Conv2d::Kept conv;
      nn::Matrix out;
    };
    std::array<Stage, 3> stages;
    nn::Dense::Kept dense;
    nn::Matrix looks;  // of each picture, (batch * time) x kDim
    nn::LayerNorm::Kept norm;
    nn::Attention::Kept attention;
    nn::Sequences steps;
  };

  // Weights drawn from `random`.
  ClipNet(PictureShape shape, Random& random);

  // batch x kDim.
  [[nodiscard]] nn::Matrix embed(ClipBatch clips, Kept* keep = nullptr) const;
  void backward(const nn::Matrix& dy, const Kept& kept);
  void enumerate(const std::string& name, nn::Parameters& all);

  [[nodiscard]] const PictureShape& shape() const { return shape_; }

 private:
  PictureShape shape_;
  std::array<nn::Conv2d, 3> stages_;
  nn::Dense dense_;
  nn::LayerNorm norm_;
  nn::Attention attention_;
};

}  // namespace zhiyin
