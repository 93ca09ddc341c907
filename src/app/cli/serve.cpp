#include <fmt/format.h>

#include <condition_variable>
#include <cstdio>
#include <mutex>

#include "app/cli/stop_signals.h"
#include "app/cli/verbs_sdk.h"
#include "app/config/settings.h"
#include "app/operate/paths.h"
#include "app/serve/gorse/routes.h"
#include "app/serve/routes.h"
#include "base/http/server.h"
#include "base/log.h"
#include "understand/embed/endpoint_encoders.h"
#include "understand/embed/manifest.h"

namespace zhiyin {
namespace {

struct Arguments {
  std::optional<std::string> address;
  std::optional<int> port;
  std::optional<std::filesystem::path> web;
};

void wait_for(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait(lock, stop, [] { return false; });
}

Result<void> run(const Globals& globals, const Arguments& arguments) {
  const StopSignals signals;
  ZY_TRY(auto settings, load_settings(globals.home / "zhiyin.toml"));
  if (arguments.address) settings.server.address = *arguments.address;
  if (arguments.port) settings.server.port = *arguments.port;
  settings.server.allowed_hosts = settings.allowed_hosts();
  ZY_TRY(auto home, open_home(globals.home, HomeMode::kMustExist, settings.store));
  ZY_CHECK_OK(open_word_encoders(home));
  open_endpoint(for_queries(settings.endpoint), model_cache(), home.encoders);
  const SystemClock clock;
  ZY_TRY(const auto service, Service::start(std::move(home), clock, settings.service));
  const auto web = arguments.web              ? *arguments.web
                   : settings.web_dir.empty() ? default_web_dir()
                                              : std::filesystem::path(settings.web_dir);
  auto gorse_routes = Result<void>();
  const auto add_gorse = [&](http::Router& table) {
    gorse_routes = gorse::add_routes(table, *service, settings.gorse, settings.api_key);
  };
  const auto router = make_routes(*service, web, {.api_key = settings.api_key, .more = add_gorse});
  ZY_CHECK_OK(std::move(gorse_routes).in((globals.home / "zhiyin.toml").string()));
  ZY_TRY(const auto server,
         http::Server::start(settings.server, [&](http::Request& request) { return router.handle(request); }));
  fmt::print("zhiyin is listening on http://{}:{}/\n", settings.server.address, server->port());
  std::fflush(stdout);
  wait_for(signals.token());
  server->stop();
  return {};
}

}  // namespace

void add_serve(CLI::App& app, Globals& globals) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("serve", "answer over HTTP, and show the page");
  verb->add_option("--address", arguments->address, "the address to listen on (default: 127.0.0.1)");
  verb->add_option("--port", arguments->port, "the port (default: 8080); 0 takes a free one")
      ->check(CLI::Range(0, 65535));
  verb->add_option("--web", arguments->web, "the folder of the page");
  verb->callback([&globals, arguments] { globals.run = [&globals, arguments] { return run(globals, *arguments); }; });
}

}  // namespace zhiyin
