// The table of Gorse's routes. Keys and quotas are asked for before any route (app/serve/front.h).
#pragma once

#include <memory>

#include "app/serve/gorse/options.h"
#include "app/serve/service.h"
#include "base/http/router.h"

namespace zhiyin::gorse {

struct Gorse;

// What answers Gorse's routes for a home. `service` must outlive it. An error names the rule of feedback that cannot be
// read.
Result<std::shared_ptr<Gorse>> interface_of(Service& service, const GorseOptions& options);

// Adds every route below /api.
void add_routes(http::Router& router, const std::shared_ptr<Gorse>& gorse);

}  // namespace zhiyin::gorse
