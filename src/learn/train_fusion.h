// Training of the learned fusion (understand/embed/attention_fusion.h), by questions asked of every batch of items:
//
//   two views    an item is fused twice, each time without some of its modalities and some of the numbers in those that
//                are left: the two must find each other among the batch's (modality dropout and InfoNCE)
//   masked       what is hidden of an item in a view must be told from the vector of what is left
//                (learn/masked_blocks.h)
//   behaviour    an item that people have touched must find its collaborative vector (the item factors of iALS)
//
// The weight of the masked question was chosen among 0, 0.3, 1, 3 and 10 by the stamps of `zhiyin evaluate
// understanding` in the training half (own_subjects.h: 39 stamps, asked among themselves, with three seeds, as they are
// and with a random modality gone). What the nearest neighbour gets right, mean of the seeds, without and with it:
//   chosen by    training half   .615  .684    a modality gone   .530  .650
//   not by       the other half  .713  .862    a modality gone   .632  .690
// 10 is as good; 0.3 is better in the training half where nothing is gone. The other half's figures stood beside, and the
// number of epochs (200 there) has seen all of the stamps.
// What new videos' viewers are predicted by (T6, cold_learned) does not care: recall@20 .0781 without, .0784 with it.
//
// It does not replace the base line: of the 69 labelled stamps its nearest neighbour has the right category for .783,
// the base line's for .913. So `zhiyin train` uses it when asked to (--learned-fusion) and else lets the base line
// fuse.
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
  float masked = 3;  // weight of the masked question; 0: it is not asked
  std::uint64_t seed = 42;
};

// `blocks`: items x dim, as the base line lays them out (FusionModel::blocks()); items without any block are passed
// over. `behaviour`: items x dim of unit or any length, a row of zeros where nobody touched the item; null: no such
// question.
std::shared_ptr<AttentionFusion> train_fusion(std::vector<BlockPlace> places, const ItemFeatures& blocks,
                                              const ItemFeatures* behaviour, const FusionTraining& training);

}  // namespace zhiyin
