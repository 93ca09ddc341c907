// Fusion: one content vector from whatever modalities an item has.
//
// Each encoder is a block. Fitted over the catalogue: mean and deviation of every dimension, by which a block is
// z-scored; the block is then brought to the length sqrt(weight), so that no encoder speaks louder for having more
// dimensions. The weights are learned from the agreement of the encoders, without labels (agreement.h). The fused
// vector is the blocks one after the other, divided by its length:
//
//   x = [sqrt(w_1) b_1, ..., sqrt(w_k) b_k] / |.|,  b of unit length, or zeros where the item lacks the modality
//
// So the cosine of two items is the weighted mean of their blocks' cosines over the blocks that both have, times
// sqrt(share of a that b has too) sqrt(share of b that a has too): a missing modality costs confidence, never the item.
// A vector of zeros, or with a number that is not finite, is a missing modality.
//
// Over that base line a learned fusion can be laid (attention_fusion.h): it looks at the same blocks b and makes a
// vector of its own size of them.
//
// Immutable once fitted; thread-safe.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/tensors.h"
#include "understand/embed/attention_fusion.h"

namespace zhiyin {

// What one encoder said of one item.
struct ModalityVector {
  std::string encoder;
  int version = 1;
  std::vector<float> values;
};

// How much of a fused vector one encoder makes.
struct FusionShare {
  std::string encoder;
  float share = 0;  // of the squared length: part.whole / whole.whole; the shares of an item add up to 1
};

class FusionModel {
 public:
  struct Block {
    std::string encoder;
    int version = 1;
    std::size_t offset = 0;  // in the base line's vector
    std::size_t dim = 0;
    float weight = 1;
  };

  // One entry an item, in any order. Of an encoder that comes in several versions or sizes the most common one counts.
  static FusionModel fit(std::span<const std::vector<ModalityVector>> items);

  // Zeros if the item has none of the blocks.
  [[nodiscard]] std::vector<float> fuse(std::span<const ModalityVector> modalities) const;

  // One entry a block, 0 where the item lacks it.
  [[nodiscard]] std::vector<FusionShare> shares(std::span<const ModalityVector> modalities) const;

  [[nodiscard]] std::size_t dim() const { return learned_ ? AttentionFusion::kDim : mean_.size(); }

  // The base line's vector, whatever is laid over it; its blocks stand where blocks() says.
  [[nodiscard]] std::vector<float> base_line(std::span<const ModalityVector> modalities) const;
  [[nodiscard]] std::vector<BlockPlace> places() const;
  // Lays a fusion that was trained on this model's blocks over the base line.
  void learn(std::shared_ptr<AttentionFusion> learned) { learned_ = std::move(learned); }
  [[nodiscard]] bool learned() const { return learned_ != nullptr; }
  [[nodiscard]] const std::vector<Block>& blocks() const { return blocks_; }

  void save(Tensors& tensors) const;
  static Result<FusionModel> load(const Tensors& tensors);

 private:
  void weigh(std::span<const std::vector<ModalityVector>> items);

  std::vector<Block> blocks_;
  std::vector<float> mean_;               // by dimension of the fused vector
  std::vector<float> inverse_deviation_;  // 0 for a dimension that never changes
  std::shared_ptr<AttentionFusion> learned_;
};

// How loudly each encoder speaks before anything is learned of it: 1, but hashed words, which say what text.use says in
// fewer words.
float prior_weight(std::string_view encoder);

}  // namespace zhiyin
