// Training of the learned fusion (understand/embed/attention_fusion.h), by questions asked of every batch of items:
//
//   two views    an item is fused twice, each time without some of its modalities and some of the numbers in those that
//                are left: the two must find each other among the batch's (modality dropout and InfoNCE)
//   masked       what is hidden of an item in a view must be told from the vector of what is left
//                (learn/masked_blocks.h); only where `masked` is not 0
//   behaviour    an item that people have touched must find its collaborative vector (the item factors of iALS)
//
// It does not replace the base line: of the 69 labelled stamps of `zhiyin evaluate understanding` its nearest neighbour
// has the right category for .725 (.710 to .768 with 50, 20 or 100 epochs), the base line's for .913; beside the base
// line, at a quarter or half of the squared length, it gives .84 to .91. So `zhiyin train` uses it when asked to
// (--learned-fusion) and else lets the base line fuse.
//
// One thread; repeats bit by bit for a seed.
#pragma once

#include <memory>

#include "match/model.h"
#include "understand/embed/attention_fusion.h"

namespace zhiyin {

struct FusionTraining {
  int epochs = 30;
  std::size_t batch = 256;
  float rate = 1e-3F;
  float temperature = 0.1F;
  float keep_modality = 0.6F;  // chance that a view has a modality; one at least stays
  float hide_number = 0.2F;    // chance that a number of a block is hidden
  float behaviour_weight = 1;
  float masked = 0;  // weight of the masked question
  std::uint64_t seed = 42;
};

// `blocks`: items x dim, as the base line lays them out (FusionModel::blocks()); items without any block are passed
// over. `behaviour`: items x dim of unit or any length, a row of zeros where nobody touched the item; null: no such
// question.
std::shared_ptr<AttentionFusion> train_fusion(std::vector<BlockPlace> places, const ItemFeatures& blocks,
                                              const ItemFeatures* behaviour, const FusionTraining& training);

}  // namespace zhiyin
