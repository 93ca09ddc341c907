// The verbs of the program, one file each. A verb declares its arguments on the app and what to do when it is chosen.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <optional>

#include "base/json.h"
#include "base/log.h"
#include "base/result.h"

namespace zhiyin {

// What stands before or after any verb.
struct Globals {
  std::filesystem::path home = "home";
  bool json = false;
  int threads = 0;                    // 0: the cores this process may use
  std::optional<LogLevel> log_level;  // that --verbose or --quiet asks for
  std::string program;                // argv[0]'s real path: the program that decodes files
  std::function<Result<void>()> run;  // set by the verb that was chosen

  // One JSON document on stdout with --json, else the text.
  void print(const Json& document, const std::string& text) const;
};

void add_setup(CLI::App& app, Globals& globals);
void add_doctor(CLI::App& app, Globals& globals);
void add_import(CLI::App& app, Globals& globals);
void add_scan(CLI::App& app, Globals& globals);
void add_pretrain(CLI::App& app, Globals& globals);
void add_train(CLI::App& app, Globals& globals);
void add_compress(CLI::App& app, Globals& globals);
void add_rollback(CLI::App& app, Globals& globals);
void add_tune(CLI::App& app, Globals& globals);
void add_runs(CLI::App& app, Globals& globals);
void add_recommend(CLI::App& app, Globals& globals);
void add_similar(CLI::App& app, Globals& globals);
void add_search(CLI::App& app, Globals& globals);
void add_inspect(CLI::App& app, Globals& globals);
void add_evaluate(CLI::App& app, Globals& globals);
void add_bench(CLI::App& app, Globals& globals);
void add_serve(CLI::App& app, Globals& globals);
void add_backup(CLI::App& app, Globals& globals);
void add_restore(CLI::App& app, Globals& globals);

}  // namespace zhiyin
