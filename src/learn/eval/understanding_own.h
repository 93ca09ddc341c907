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
//     tuxpaint.learned_unmasked_nn1 learned_unmasked_dropped_nn1   the learned fusion without its masked question; and
//                                                    learned_over_unmasked _low _high
//   block tuxpaint_half    the same vectors, asked for the half of the items whose labels nothing has learned from; all
//                     items answer
//     tuxpaint.fused_half_nn1 fused_own_half_nn1     as above
//     tuxpaint.fused_own_finetuned_nn1               the own nets fine-tuned on made-up behaviour towards the other
//                                                    half; and ..finetuned_over_fused_half, ..over_fused_own_half
//   blocks sound_own, picture_own    the labelled sounds, and the stamps by category
//     pretrain.sound_nn1 picture_nn1                 nets pretrained on exactly these files, without their labels
//     pretrain.sound_scratch_nn1 picture_.._nn1      the same nets with the random weights they began with
//     pretrain.sound_masked_nn1 picture_.._nn1       pretrained with the masked question at weight 1
//     pretrain.sound_over_scratch _low _high         paired differences; picture_.. likewise, and
//                                                    sound_masked_over_pretrained
//   blocks sound_own_half, picture_own_half    only the asked half of the files asks; all answer
//     pretrain.sound_half_scratch_nn1 sound_half_nn1 as above: random, pretrained
//     pretrain.sound_half_longer_nn1                 pretrained a second time, for as long as fine-tuning takes
//     pretrain.sound_finetuned_nn1                   fine-tuned on made-up behaviour towards the other half
//     pretrain.sound_finetuned_over_half_scratch .._over_half .._over_half_longer  _low _high; picture_.. likewise
// Sounds whose strips were kept are not decoded again. Pretraining sees the files that are asked about, as it does in a
// home: what it is for is the user's own library.
//
// Nobody's behaviour towards these files is known, so the rows of fine-tuning rest on behaviour that is made up of the
// labels of the training half (own_subjects.h): people who like one label. They show what `zhiyin pretrain --finetune`
// makes of people whose taste follows what the labels name, and how far that carries to files that nobody has touched;
// not what real people's touches would give. No gain over pretraining is shown: random, pretrained, longer, fine-tuned find .367, .415,
// .408, .415 of 147 sounds and .630, .667, .667, .630 of 27 stamps.
Result<void> add_own_results(const UnderstandingOptions& options, const std::filesystem::path& media,
                             HeardStrips& strips, Understanding& out);

}  // namespace zhiyin
