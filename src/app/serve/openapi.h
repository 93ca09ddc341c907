// The OpenAPI 3 description of a table of routes, from what each route says of itself.
#pragma once

#include <string>

#include "base/http/router.h"
#include "base/json.h"

namespace zhiyin {

// Every route, with its parameters, its body and every status that it may answer with. The names in RouteNotes are
// those of the parameters and schemas in openapi.cpp; one that is not there is a bug: it asserts.
Json openapi(const http::Router& router, const std::string& base_path = {});

}  // namespace zhiyin
