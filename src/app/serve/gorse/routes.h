// The table of Gorse's routes.
#pragma once

#include <string>

#include "app/serve/gorse/options.h"
#include "app/serve/service.h"
#include "base/http/router.h"

namespace zhiyin::gorse {

// Adds every route below /api; all but those of health ask for `key`, if there is one. `service` must outlive the
// router. An error names the rule of feedback that cannot be read.
Result<void> add_routes(http::Router& router, Service& service, const GorseOptions& options, const std::string& key);

}  // namespace zhiyin::gorse
