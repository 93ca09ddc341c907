// What fusion, and the nets that learn from unlabelled files, add to the table "understanding".
#pragma once

#include "learn/eval/heard_strips.h"
#include "learn/eval/understanding.h"

namespace zhiyin {

// Rows and results, all by leave-one-out nearest neighbours:
//   block tuxpaint    73 items with a drawn stamp, its sound and its title; labels: their 10 categories, those of one
//                     item
//                     left out. Each modality is fused of its own encoders alone, then all together.
//     tuxpaint.text_nn1 .picture_nn1 .sound_nn1      one modality alone, asked of all items (an item without it misses)
//     tuxpaint.concat_nn1                            all numbers of all encoders side by side, z-scored
//     tuxpaint.fused_nn1                             the base line (understand/embed/fusion.h)
//     tuxpaint.learned_nn1                           the learned fusion, trained on these very items, without labels
//     tuxpaint.fused_over_MODALITY  _low _high       mean paired difference and its 95% bootstrap interval over items;
//                                                    also fused_over_concat, learned_over_fused
//     tuxpaint.fused_dropped_nn1 learned_dropped_nn1 each item lacks one of its modalities, drawn at random
//     tuxpaint.fused_own_nn1 fused_own_scratch_nn1   the base line with the own nets among its encoders, pretrained on
//                                                    these items and with random weights; and
//                                                    fused_own_over_fused _low _high
//   blocks sound_own, picture_own    the labelled sounds, and the stamps by category
//     pretrain.sound_nn1 picture_nn1                 nets pretrained on exactly these files, without their labels
//     pretrain.sound_scratch_nn1 picture_.._nn1      the same nets with the random weights they began with
//     pretrain.sound_over_scratch _low _high         paired difference; picture_.. likewise
// Sounds whose strips were kept are not decoded again. Pretraining sees the files that are asked about, as it does in a
// home: what it is for is the user's own library. Fine-tuned nets (`zhiyin pretrain --finetune`) have no row: nobody's
// behaviour towards these files is known.
Result<void> add_own_results(const UnderstandingOptions& options, const std::filesystem::path& media,
                             HeardStrips& strips, Understanding& out);

}  // namespace zhiyin
