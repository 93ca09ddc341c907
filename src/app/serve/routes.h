// Every route in one table.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "app/serve/service.h"
#include "base/http/router.h"

namespace zhiyin {

struct RouteOptions {
  std::string api_key;                      // that /metrics asks for; empty: none
  std::function<void(http::Router&)> more;  // adds the routes of other interfaces to the table
};

// `service` must outlive the router. `web` is the folder of the page; without one, / says how to build it.
http::Router make_routes(Service& service, const std::filesystem::path& web, const RouteOptions& options = {});

// The OpenAPI 3 description of the table.
Json openapi(const http::Router& router);

}  // namespace zhiyin
