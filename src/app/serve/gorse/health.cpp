// /api/health: there is one store, and it is open as long as the server runs.
#include "app/serve/gorse/answers.h"
#include "app/serve/gorse/handlers.h"

namespace zhiyin::gorse {

namespace {

http::Response health(Gorse& gorse, int status_if_not_ready) {
  const auto users = gorse.service.home().store->count_users();
  const auto events = gorse.service.home().log->last_offset();
  const auto words = [](const auto& asked) { return asked.ok() ? Json() : Json(asked.error().message); };
  const bool ready = users.ok() && events.ok();
  return http::json_response(ready ? 200 : status_if_not_ready, Json::object({{"Ready", ready},
                                                                              {"DataStoreError", words(users)},
                                                                              {"CacheStoreError", words(events)},
                                                                              {"DataStoreConnected", users.ok()},
                                                                              {"CacheStoreConnected", events.ok()}}));
}

}  // namespace

http::Response health_live(Gorse& gorse, const http::Request&) { return health(gorse, 200); }
http::Response health_ready(Gorse& gorse, const http::Request&) { return health(gorse, 503); }

}  // namespace zhiyin::gorse
