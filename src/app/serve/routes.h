// Every route in one table.
#pragma once

#include <filesystem>

#include "app/serve/service.h"
#include "base/http/router.h"

namespace zhiyin {

// `service` must outlive the router. `web` is the folder of the page; without one, / says how to build it.
http::Router make_routes(Service& service, const std::filesystem::path& web);

// The OpenAPI 3 description of the table.
Json openapi(const http::Router& router);

}  // namespace zhiyin
