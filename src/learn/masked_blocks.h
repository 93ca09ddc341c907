// The masked objective of the learned fusion: an item is fused without some of its blocks, and from the vector that
// comes of the others each hidden block is to be told, by a head of its own.
//
//   p_m = v W_m + c_m                                v the fused vector of the blocks that are left
//   L   = mean over hidden blocks of |p_m - b_m|^2 / dim_m      b_m the z-scored block at length sqrt(dim_m)
//
// So 1 is the loss of one who says nothing. One thread; see base/nn/parameters.h.
#pragma once

#include "base/nn/losses.h"
#include "understand/embed/attention_fusion.h"

namespace zhiyin {

class MaskedBlocks {
 public:
  MaskedBlocks(std::vector<BlockPlace> places, Random& random);

  // `fused`: items x AttentionFusion::kDim, of the blocks that `seen` has; `blocks`: items x all numbers, with those
  // that are `there` but not seen, which are asked about. Adds `weight` times its gradients to the heads', and returns
  // the loss with `weight` times that by `fused`.
  nn::Loss ask(const nn::Matrix& fused, const nn::Matrix& blocks, const nn::Sequences& there, const nn::Sequences& seen,
               float weight);
  void enumerate(const std::string& name, nn::Parameters& all);

 private:
  std::vector<BlockPlace> places_;
  std::vector<nn::Dense> heads_;  // W_m, c_m
};

}  // namespace zhiyin
