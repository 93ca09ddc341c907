// The masked objective of pretraining: of one picture that a net looks at (a window of a log-mel spectrum, a frame)
// squares of 8 x 8 pixels are hidden, and what was in them is to be told from what is left: from the net's vector of
// the picture, and from that of the file's other modality where it has one. With all squares hidden it is the modality
// as a whole that is told from the other.
//
//   x~ = x, 0 in the hidden squares          v = net(x~)
//   p  = relu([v, beside] A) B               one number a square and channel: its mean, t
//   L  = sum over hidden (p - t)^2 / sum over hidden (t - mean of t in its channel)^2
//
// L is the share of what varies that remains unknown: 1 for a net that has learned the means only. Images as in He et
// al. 2022, but from one vector, which is what is kept of a file: from the pixels nearby a square can be told without
// knowing what it is a part of.
//
// One thread; see base/nn/parameters.h.
#pragma once

#include "understand/embed/clip_net.h"

namespace zhiyin {

// Pictures of one net's shape, nothing hidden in them yet.
struct MaskedPictures {
  nn::Matrix pixels;                 // as in ClipBatch, one picture a row of `beside`
  std::vector<std::uint8_t> hidden;  // pictures x squares, line by line; 1: hidden
  nn::Matrix beside;                 // pictures x ClipNet::kDim, what else is known; zeros: nothing
};

class MaskedPatches {
 public:
  static constexpr std::size_t kSquare = 8;

  struct Kept {
    ClipNet::Kept net;
    nn::Dense::Kept first;
    nn::Dense::Kept second;
    nn::Matrix inner;
    nn::Matrix gradient;  // of the loss by p
  };

  MaskedPatches(PictureShape shape, Random& random);

  [[nodiscard]] std::size_t squares() const { return lines_ * columns_; }

  // 0 where nothing is hidden or what is hidden does not vary.
  double loss(const ClipNet& net, MaskedPictures pictures, Kept* keep = nullptr) const;
  // Of `weight` times the loss. Adds to the net's gradients and to those of this head; returns that by `beside`.
  nn::Matrix backward(ClipNet& net, float weight, Kept kept);
  void enumerate(const std::string& name, nn::Parameters& all);

 private:
  // Of each square of each picture the mean by channel: pictures x (squares * channels).
  [[nodiscard]] nn::Matrix means(const nn::Matrix& pixels, std::size_t pictures) const;
  void hide(MaskedPictures& pictures) const;

  PictureShape shape_;
  std::size_t lines_;
  std::size_t columns_;
  nn::Dense first_;   // A
  nn::Dense second_;  // B
};

}  // namespace zhiyin
