// What is like one item, by its content; where nothing is known of the content, by who liked it too.
#pragma once

#include <vector>

#include "base/result.h"
#include "domain/answer.h"
#include "feed/snapshot/view.h"

namespace zhiyin {

// Best first, hidden items left out. kNotFound for an unknown item.
Result<std::vector<Recommended>> similar_items(const View& view, const ItemId& id, std::size_t count,
                                               Language language);

}  // namespace zhiyin
