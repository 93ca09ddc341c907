#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <map>
#include <mutex>
#include <set>

#include "app/cli/stop_signals.h"
#include "app/cli/verbs_sdk.h"
#include "app/config/settings.h"
#include "app/operate/paths.h"
#include "app/serve/event_stream.h"
#include "app/serve/front.h"
#include "app/serve/gorse/routes.h"
#include "app/serve/routes.h"
#include "base/counters.h"
#include "base/http/server.h"
#include "base/log.h"
#include "base/process.h"
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

Result<Settings> settings_of(const Globals& globals, const Arguments& arguments) {
  ZY_TRY(auto settings, load_settings(globals.home / "zhiyin.toml"));
  if (arguments.address) settings.server.address = *arguments.address;
  if (arguments.port) settings.server.port = *arguments.port;
  settings.server.allowed_hosts = settings.allowed_hosts();
  return settings;
}

void set_log(const Globals& globals, const Settings& settings) {
  set_log_format(settings.log_format);
  set_log_level(globals.log_level.value_or(settings.log_level));
}

Result<std::unique_ptr<Service>> start_service(const std::filesystem::path& path, const Settings& settings,
                                               const Clock& clock) {
  ZY_TRY(auto home, open_home(path, HomeMode::kMustExist, settings.store));
  ZY_CHECK_OK(open_word_encoders(home));
  open_endpoint(for_queries(settings.endpoint), model_cache(), home.encoders);
  return Service::start(std::move(home), clock, settings.service);
}

// The running server, and the settings that it runs on.
class Serving {
 public:
  Serving(const Globals& globals, const Arguments& arguments, Settings settings)
      : globals_(globals), arguments_(arguments), settings_(std::move(settings)) {}

  Result<void> run(StopSignals& signals) {
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error like a full disk (507), and not the end
    const auto files = raise_open_files();
    if (files < static_cast<std::size_t>(settings_.server.max_connections))
      log_debug("{} open files are allowed: more connections than that will wait", files);
    ZY_CHECK_OK(open_homes());
    settings_.server.in_pieces = is_event_stream;
    // From the first request on a reload may change the settings: what is told of them is read before.
    const auto address =
        fmt::format("{}://{}", settings_.server.certificate.empty() ? "http" : "https", settings_.server.address);
    const auto base_path = settings_.base_path;
    if (settings_.access.keys.empty() && !settings_.is_for_this_machine_alone())
      log_warning("every machine that reaches this one may ask and change everything: set keys, [[access.key]]");
    ZY_TRY(server_, http::Server::start(settings_.server, [this](http::Request& request) {
             if (request.path.ends_with("/metrics")) count_connections();
             return front_->handle(request);
           }));
    running_ = server_.get();
    signals.on_hang_up([this] { (void)reload(); });
    fmt::print("zhiyin is listening on {}:{}{}/\n", address, server_->port(), base_path);
    std::fflush(stdout);
    wait_for(signals.token());
    signals.on_hang_up({});
    server_->stop();
    return {};
  }

 private:
  Result<void> open_homes() {
    std::unique_ptr<TraceExporter> traces;
    if (!settings_.trace.endpoint.empty()) {
      ZY_TRY(traces, TraceExporter::start(settings_.trace));
    }
    recorder_ = std::make_shared<Recorder>(settings_.record, std::move(traces));
    front_ = std::make_unique<Front>(FrontOptions{settings_.base_path, settings_.proxies}, settings_.access, recorder_);
    ZY_CHECK_OK(open(""));
    for (const auto& key : settings_.access.keys) {
      if (!services_.contains(key.home)) ZY_CHECK_OK(open(key.home).in(fmt::format("the key \"{}\"", key.name)));
    }
    return {};
  }

  // The home that `serve` was started on ("") or one that a key opens, which runs on settings of its own; [serve],
  // [access], [log] and [trace] are the first one's.
  Result<void> open(const std::string& name) {
    const auto path = name.empty() ? globals_.home : std::filesystem::path(name);
    auto own = settings_;
    if (!name.empty()) {
      ZY_TRY(own, load_settings(path / "zhiyin.toml"));
    }
    own.service.label = unused_label(path);
    ZY_TRY(auto service, start_service(path, own, clock_));
    const auto web = arguments_.web              ? *arguments_.web
                     : settings_.web_dir.empty() ? default_web_dir()
                                                 : std::filesystem::path(settings_.web_dir);
    ZY_TRY(const auto gorse, gorse::interface_of(*service, own.gorse).in((path / "zhiyin.toml").string()));
    front_->add_home(name, make_routes(*service, web,
                                       {.reload = [this] { return reload(); },
                                        .base_path = settings_.base_path,
                                        .streams = settings_.streams,
                                        .more = [&](http::Router& table) { gorse::add_routes(table, gorse); }}));
    services_.emplace(name, std::move(service));
    return {};
  }

  void count_connections() const {
    const auto* server = running_.load();
    if (server == nullptr) return;  // a request before start() has returned
    const auto counted = server->counters();
    gauge("zhiyin_http_connections", "Connections that are open.").set(static_cast<double>(counted.connections_open));
    gauge("zhiyin_http_connections_accepted", "Connections since the start.")
        .set(static_cast<double>(counted.connections));
    gauge("zhiyin_http_refused", "Requests answered before any route: malformed, over a limit, late.")
        .set(static_cast<double>(counted.refused));
  }

  // The folder's name, with a number where another home has it already.
  std::string unused_label(const std::filesystem::path& path) {
    const auto name = std::filesystem::absolute(path).lexically_normal().filename().string();
    auto label = name;
    for (int again = 2; !labels_.insert(label).second; ++again) label = fmt::format("{}-{}", name, again);
    return label;
  }

  // Reads the settings and the certificate again and takes over what can change while running. What is at fault changes
  // nothing.
  Result<Json> reload() {
    const std::scoped_lock lock(reload_mutex_);
    auto* server = running_.load();
    if (server == nullptr) return Error{ErrorCode::kUnavailable, "the server is still starting: ask again", {}};
    auto wanted = settings_of(globals_, arguments_);
    auto taken = wanted.ok() ? server->reload_certificate() : Result<void>(wanted.error());
    if (taken.ok()) taken = front_->set_access(wanted->access);
    if (!taken.ok()) {
      log_error("the settings stay as they are: {}", taken.error().message);
      return std::move(taken).error();
    }
    const auto change = compare(settings_, *wanted);
    set_log(globals_, *wanted);
    recorder_->set(wanted->record);
    services_.at("")->set_options(wanted->service);
    for (const auto& [name, service] : services_) {
      if (name.empty()) continue;
      const auto own = load_settings(std::filesystem::path(name) / "zhiyin.toml");
      if (own.ok()) service->set_options(own->service);
      if (!own.ok()) log_error("the settings of {} stay as they are: {}", name, own.error().message);
    }
    settings_.access = wanted->access;
    settings_.anonymous_scopes = wanted->anonymous_scopes;
    settings_.log_level = wanted->log_level;
    settings_.log_format = wanted->log_format;
    settings_.record = wanted->record;
    settings_.service = wanted->service;
    auto changed = Json::array();
    auto waiting = Json::array();
    for (const auto& key : change.live) changed.push(key);
    for (const auto& key : change.at_restart) {
      waiting.push(key);
      log_warning("{} has changed: that wants a restart", key);
    }
    log_info("settings read again: {} changed, {} wait for a restart", change.live.size(), change.at_restart.size());
    return Json::object({{"changed", std::move(changed)}, {"at_restart", std::move(waiting)}});
  }

  const Globals& globals_;
  const Arguments& arguments_;
  const SystemClock clock_;
  std::mutex reload_mutex_;
  Settings settings_;  // GUARDED_BY(reload_mutex_) once the server runs
  std::shared_ptr<Recorder> recorder_;
  std::map<std::string, std::unique_ptr<Service>> services_;  // by the name that keys have for their home
  std::set<std::string> labels_;                              // of /metrics
  std::unique_ptr<Front> front_;
  std::unique_ptr<http::Server> server_;
  std::atomic<http::Server*> running_{nullptr};  // server_, once it is there
};

Result<void> run(const Globals& globals, const Arguments& arguments) {
  StopSignals signals;
  signals.on_hang_up({});  // until there is something to read again
  ZY_TRY(auto settings, settings_of(globals, arguments));
  set_log(globals, settings);
  Serving serving(globals, arguments, std::move(settings));
  return serving.run(signals);
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
