// Search by words: the words themselves first, then what they mean.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/answer.h"
#include "feed/snapshot/view.h"
#include "understand/embed/text/text_encoder.h"

namespace zhiyin {

// Score = the share of the query's words found in title, tags and creator, plus how much the item means the same, from
// 0 to 1 (meaning.h). Best first; hidden items and those with nothing in common left out.
Result<std::vector<Recommended>> search_items(const View& view, std::span<const std::unique_ptr<TextEncoder>> encoders,
                                              std::string_view query, std::size_t count, Language language);

}  // namespace zhiyin
