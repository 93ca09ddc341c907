// Which sense says that two items are alike.
#pragma once

#include "feed/recommend/source.h"

namespace zhiyin {

// kSoundsLike, kLooksLike or kReadsLike: the modality that holds the largest share of the likeness of a and b.
ReasonKind modality_reason(const View& view, ItemIndex a, ItemIndex b);

}  // namespace zhiyin
