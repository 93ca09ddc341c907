// Fusion: one content vector from whatever modalities an item has.
//
// Each encoder is a block. Fitted over the catalogue: mean and deviation of every dimension, by which a block is
// z-scored; the block is then brought to the length sqrt(weight), so that no encoder speaks louder for having more
// dimensions. The fused vector is the blocks one after the other, divided by its length:
//
//   x = [sqrt(w_1) b_1, ..., sqrt(w_k) b_k] / |.|,  b of unit length, or zeros where the item lacks the modality
//
// So the cosine of two items is the weighted mean of their blocks' cosines over the blocks that both have, times
// sqrt(share of a that b has too) sqrt(share of b that a has too): a missing modality costs confidence, never the item.
//
// Immutable once fitted; thread-safe.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/tensors.h"

namespace zhiyin {

// What one encoder said of one item.
struct ModalityVector {
  std::string encoder;
  int version = 1;
  std::vector<float> values;
};

class FusionModel {
 public:
  struct Block {
    std::string encoder;
    int version = 1;
    std::size_t offset = 0;  // in the fused vector
    std::size_t dim = 0;
    float weight = 1;
  };

  // One entry an item, in any order. Of an encoder that comes in several versions or sizes the most common one counts.
  static FusionModel fit(std::span<const std::vector<ModalityVector>> items);

  // Zeros if the item has none of the blocks.
  [[nodiscard]] std::vector<float> fuse(std::span<const ModalityVector> modalities) const;

  [[nodiscard]] std::size_t dim() const { return mean_.size(); }
  [[nodiscard]] const std::vector<Block>& blocks() const { return blocks_; }

  void save(Tensors& tensors) const;
  static Result<FusionModel> load(const Tensors& tensors);

 private:
  std::vector<Block> blocks_;
  std::vector<float> mean_;              // by dimension of the fused vector
  std::vector<float> inverse_deviation_;  // 0 for a dimension that never changes
};

// How loudly each encoder speaks: 1, but hashed words, which say what text.use says in fewer words.
float fusion_weight(std::string_view encoder);

}  // namespace zhiyin
