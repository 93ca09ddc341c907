// A small home, served by the real router and server on a free port of this process, asked over HTTP.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "app/serve/front.h"
#include "app/serve/gorse/options.h"
#include "app/serve/service.h"
#include "base/clock.h"
#include "base/http/client.h"
#include "base/http/router.h"
#include "base/http/server.h"
#include "base/json.h"
#include "support/temporary_folder.h"

namespace zhiyin {

struct ServedOptions {
  std::string api_key;  // what every route but those of health asks for; empty: nothing
  gorse::GorseOptions gorse;
  std::size_t body_limit = http::ReadLimits().body;
};

class ServedHome {
 public:
  // Throws where it cannot be started.
  explicit ServedHome(ServedOptions options = {});
  ~ServedHome();

  // Stops, and serves the same home again.
  void restart(const std::function<void()>& meanwhile = {});
  // What was written is in the next answer.
  void refresh();
  // Trains pop, itemknn and ials on what there is, and serves that.
  void train();

  http::Response ask(http::Method method, std::string_view target, std::string_view body = {},
                     const http::Headers& headers = {});
  // The body of the answer as JSON; throws with the answer where its status is not 200.
  Json json(http::Method method, std::string_view target, std::string_view body = {},
            const http::Headers& headers = {});
  Json get(std::string_view target, const http::Headers& headers = {}) {
    return json(http::Method::kGet, target, {}, headers);
  }

  Service& service() { return *service_; }
  const http::Router& router() const { return router_; }

  TemporaryFolder folder;
  FixedClock clock{1'700'000'000};

 private:
  void start();

  ServedOptions options_;
  std::unique_ptr<Service> service_;
  http::Router router_;
  std::unique_ptr<Front> front_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::Client> client_;
};

}  // namespace zhiyin
