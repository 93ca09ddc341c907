// Every route in one table.
#pragma once

#include <filesystem>
#include <functional>

#include "app/serve/feed_streams.h"
#include "app/serve/service.h"
#include "base/http/router.h"

namespace zhiyin {

struct RouteOptions {
  std::function<Result<Json>()> reload;  // what POST /v1/admin/reload does; none: there is no such route
  std::string base_path;                 // where a proxy shows the routes: "/zhiyin"; empty: at the root
  FeedStreamOptions streams;
  std::function<void(http::Router&)> more;  // adds the routes of other interfaces to the table
};

// `service` must outlive the router. `web` is the folder of the page; without one, / says how to build it.
http::Router make_routes(Service& service, const std::filesystem::path& web, const RouteOptions& options = {});

}  // namespace zhiyin
