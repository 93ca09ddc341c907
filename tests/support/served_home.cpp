#include "support/served_home.h"

#include <stdexcept>

#include "app/serve/event_stream.h"
#include "app/serve/gorse/routes.h"
#include "app/serve/routes.h"
#include "base/file.h"
#include "learn/train.h"
#include "support/must.h"
#include "understand/embed/text/hashed_text.h"

namespace zhiyin {

ServedHome::ServedHome(ServedOptions options) : options_(std::move(options)) { start(); }

ServedHome::~ServedHome() {
  client_.reset();  // an open connection would be waited for
  server_->stop();
}

void ServedHome::start() {
  auto home = must(open_home(folder / "home", HomeMode::kCreate));
  home.encoders.text.push_back(std::make_unique<HashedText>());
  service_ = must(Service::start(std::move(home), clock, {.recommend = {}, .refresh_s = 3600}));
  const auto gorse = must(gorse::interface_of(*service_, options_.gorse));
  router_ = make_routes(*service_, folder / "no-web",
                        {.more = [&](http::Router& router) { gorse::add_routes(router, gorse); }});
  AccessOptions access{.open_metrics = options_.api_key.empty()};
  if (!options_.api_key.empty())
    access.keys.push_back(
        {.name = "test", .sha256 = sha256_hex(options_.api_key), .scopes = static_cast<Scopes>(Scope::kAdmin)});
  front_ = std::make_unique<Front>(FrontOptions{}, access, std::make_shared<Recorder>(RecordOptions{}, nullptr));
  front_->add_home("", router_);
  http::ServerOptions server;
  server.port = 0;
  server.threads = 1;
  server.limits.body = options_.body_limit;
  server.in_pieces = is_event_stream;
  server_ = must(http::Server::start(server, [this](http::Request& request) { return front_->handle(request); }));
  client_ = must(http::Client::connect("127.0.0.1", server_->port()));
}

void ServedHome::restart(const std::function<void()>& meanwhile) {
  client_.reset();
  server_->stop();
  front_.reset();
  router_ = http::Router();
  service_.reset();
  if (meanwhile) meanwhile();
  start();
}

void ServedHome::refresh() { must(service_->refresh()); }

void ServedHome::train() {
  const auto& home = service_->home();
  must(zhiyin::train(home.path, *home.store, *home.log, clock, {.models = {"pop", "itemknn", "ials"}}));
  refresh();
}

http::Response ServedHome::ask(http::Method method, std::string_view target, std::string_view body,
                               const http::Headers& headers) {
  return must(client_->request(method, target, body, headers));
}

Json ServedHome::json(http::Method method, std::string_view target, std::string_view body,
                      const http::Headers& headers) {
  const auto answer = ask(method, target, body, headers);
  if (answer.status != 200)
    throw std::runtime_error(std::string(target) + ": " + std::to_string(answer.status) + " " + answer.body);
  return must(Json::parse(answer.body));
}

}  // namespace zhiyin
