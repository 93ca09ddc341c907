// How much each item means what a query says.
//
// Evidence of two kinds, of which the stronger counts:
//   words   every text encoder that has something to say of both the query and the item's words: the program's own
//           (text.use), those that somebody described, that of an endpoint. Their mean: one that was brought along is
//           heard beside the program's own, whether it is the better or the worse one. text.hash, which knows letters
//           and no meaning, speaks only where none of them does.
//   media   what was seen or heard, where an encoder of pictures or sound shares a space with a text encoder (CLIP,
//           CLAP): TextEncoder::companions().
//
// A cosine of the program's own encoders is taken at its word; under .25 it is chance. What a cosine of another model
// says nobody knows: BERT finds any two texts .9 alike, CLIP a picture and its caption .3. So the item is held against
// the whole catalogue: (cosine - mean) / (4 deviations) of all items for this query, from 0 to 1, where again less than
// .25 (one deviation above the ordinary) is chance. Fewer than 8 items are too few to tell: there a cosine is a cosine.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "feed/snapshot/view.h"
#include "understand/embed/text/text_encoder.h"

namespace zhiyin {

// By catalogue row, [0, 1]; 0 where the two have nothing in common. Cost: a dot product for each vector compared.
Result<std::vector<double>> meanings(const View& view, std::span<const std::unique_ptr<TextEncoder>> encoders,
                                     std::string_view query);

}  // namespace zhiyin
