// Whitened content: every modality turned to its principal axes, each axis brought to the same spread, so that what all
// items share (and what encoders say three times over) no longer decides who is alike.
//
//   per modality:  y = V'(x - mean) / sqrt(eigenvalue + shrink mean eigenvalue),  then unit length times its weight
//   per item:      [y_1, ..., y_k] of unit length
//
// Mean and axes are those of the items that have the modality. The cosine of two rows compares the items.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "match/model.h"

namespace zhiyin {

// Row-major items x features.dim, unit length; zeros for an item of which nothing is known. `use` picks whose settings
// of a block count. Errors: features that do not fit `items` or their blocks, that are absent (null or dim 0), or not
// finite. Cost: dim^2 for each item and dim^3 for each block.
Result<std::vector<float>> whitened(const ItemFeatures* features, std::size_t items, Whitening ModalityBlock::*use,
                                    int threads);

}  // namespace zhiyin
