// home/zhiyin.toml: every key that can be set, in the order of the pipeline. A home without the file runs on defaults.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/serve/access.h"
#include "app/serve/feed_streams.h"
#include "app/serve/gorse/options.h"
#include "app/serve/record.h"
#include "app/serve/service.h"
#include "base/http/forwarded.h"
#include "base/http/server.h"
#include "base/log.h"
#include "base/result.h"
#include "feed/snapshot/shelf.h"
#include "learn/foreign_tower.h"
#include "state/store/store.h"
#include "understand/embed/remote/endpoint.h"
#include "understand/embed/senses.h"
#include "understand/media/media.h"

namespace zhiyin {

struct Settings {
  DecodeLimits scan;
  SenseOptions senses;
  StoreOptions store;
  EndpointOptions endpoint;
  TowerOptions tower;
  ServiceOptions service;
  http::ServerOptions server;
  gorse::GorseOptions gorse;
  std::string hosts;      // with commas between
  std::string web_dir;    // empty: the page that was built with the program
  std::string base_path;  // "/zhiyin", or empty
  FeedStreamOptions streams;
  std::string trusted_proxies;  // with commas between; proxies is what they mean
  http::TrustedProxies proxies;
  AccessOptions access;
  std::string anonymous_scopes;  // with commas between; access.anonymous is what they mean
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
  RecordOptions record;
  TraceOptions trace;
  std::size_t keep_snapshots = kKeepSnapshots;  // where one is published, also by the training in the background

  // Whether no other machine can reach the address.
  [[nodiscard]] bool is_for_this_machine_alone() const;

  // What Host may name. A page of another site that has its name point at this machine (DNS rebinding) is refused by
  // default where the server is for this machine alone. Empty: any.
  [[nodiscard]] std::vector<std::string> allowed_hosts() const;
};

// A missing file gives the defaults. Errors name the file, the line and the fix: a key that is not known (and the
// nearest one that is), a value of the wrong type or out of range.
Result<Settings> load_settings(const std::filesystem::path& file);

// The settings that differ: those that a running server takes over, and those that want a restart.
struct SettingsChange {
  std::vector<std::string> live;
  std::vector<std::string> at_restart;
};
SettingsChange compare(const Settings& running, const Settings& wanted);

// The file with every key at its default, each with a sentence and its range.
std::string default_settings_text();

}  // namespace zhiyin
