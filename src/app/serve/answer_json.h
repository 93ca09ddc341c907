// Items and slates as the JSON that clients read.
#pragma once

#include "base/json.h"
#include "domain/answer.h"
#include "feed/snapshot/view.h"

namespace zhiyin {

// {"title","tags","creator","kind","media","cover","duration_s", ...the owner's own attributes}
Json attributes_json(const Item& item);

// [{"id","score","source","reason","because","attributes"?}]
Json items_json(const View& view, const std::vector<Recommended>& items, bool with_attributes);

}  // namespace zhiyin
