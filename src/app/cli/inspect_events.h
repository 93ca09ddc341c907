// `zhiyin inspect events`: what events mean in a home, and what has come of them.
#pragma once

#include "app/cli/verbs_sdk.h"

namespace zhiyin {

// {"types": {NAME: {"weight", "events"}}, "view_curve", "ttl_days", "events", "sources": {NAME: {"shown", "clicked",
// "liked", "disliked"}}}
Result<void> inspect_events(const Globals& globals);

}  // namespace zhiyin
