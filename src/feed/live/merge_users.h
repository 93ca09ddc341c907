// A guest's history becomes a user's: what happens when somebody who has looked around logs in.
#pragma once

#include <utility>
#include <vector>

#include "feed/live/live.h"

namespace zhiyin {

// Lays the guest's past over the user's as if one person had done both, in the order of time. Returns the items whose
// number of likes changes by it, with the change: two who liked an item have become one.
std::vector<std::pair<ItemId, int>> take_over(UserState& user, const UserState& guest);

}  // namespace zhiyin
