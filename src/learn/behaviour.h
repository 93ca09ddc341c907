// Collaborative vectors as something to learn from: what people who touch things say of an item.
#pragma once

#include "match/factors/item_factors.h"

namespace zhiyin {

// The factors of each item at unit length; zeros where nobody has touched it. Nothing pulls at the factors of such an
// item but the regularisation, so they have shrunk to next to nothing: less than a thousandth of the longest.
ItemFeatures collaborative_vectors(const ItemFactors& factors);

}  // namespace zhiyin
