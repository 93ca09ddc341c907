// Fusion that is learned: each encoder's block becomes a token of one size, the tokens look at one another, and what is
// present is averaged.
//
//   token_m = b_m W_m + e_m              b_m the z-scored block at length sqrt(dim), e_m what is learned of the
//                                        modality itself
//   token   = token + attention(layer norm(token))     4 heads, over the blocks that the item has
//   vector  = mean of the tokens present, of unit length
//
// Trained by learn/train_fusion.h. Thread-safe for fuse(); see base/nn/parameters.h for the rest.
#pragma once

#include <span>
#include <vector>

#include "base/nn/attention.h"
#include "base/nn/layer_norm.h"

namespace zhiyin {

// Where an encoder's block stands in the vector of all blocks.
struct BlockPlace {
  std::size_t offset = 0;
  std::size_t dim = 0;
};

class AttentionFusion {
 public:
  static constexpr std::size_t kDim = 128;

  struct Kept {
    std::vector<nn::Dense::Kept> blocks;
    nn::LayerNorm::Kept norm;
    nn::Attention::Kept attention;
    nn::Sequences present;
    nn::Matrix before;  // unit length
    nn::Matrix after;
  };

  AttentionFusion(std::vector<BlockPlace> places, Random& random);

  // `blocks`: one row an item, all blocks side by side, each of any length; zeros: the item lacks it. `present`: items
  // x places.
  [[nodiscard]] nn::Matrix forward(const nn::Matrix& blocks, nn::Sequences present, Kept* keep = nullptr) const;
  void backward(const nn::Matrix& dy, const Kept& kept);
  void enumerate(const std::string& name, nn::Parameters& all);

  // One item's blocks, at any common scale; zeros where it has none. With `shares`: what each token adds along the
  // vector; they add up to 1.
  [[nodiscard]] std::vector<float> fuse(std::span<const float> blocks, std::vector<float>* shares = nullptr) const;

  // Which blocks of each row are not zeros.
  [[nodiscard]] nn::Sequences present(const nn::Matrix& blocks) const;
  [[nodiscard]] const std::vector<BlockPlace>& places() const { return places_; }

 private:
  [[nodiscard]] nn::Matrix tokens(const nn::Matrix& blocks, const nn::Sequences& present, Kept* keep) const;

  std::vector<BlockPlace> places_;
  std::vector<nn::Dense> projections_;  // W_m, e_m
  nn::LayerNorm norm_;
  nn::Attention attention_;
};

}  // namespace zhiyin
