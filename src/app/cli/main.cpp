// zhiyin: what next, and why?
#include <fmt/format.h>
#include <malloc.h>

#include <cstdio>
#include <cstring>

#include "app/cli/verbs_sdk.h"
#include "base/build.h"
#include "base/log.h"
#include "base/threads.h"
#include "understand/media/media.h"

namespace zhiyin {
namespace {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kWrongUse = 2;

// A training step takes and gives back megabytes in many pieces. glibc would hand them to the kernel each time, and
// page faults would take a third of the training.
constexpr int kKeptFree = 128 << 20;
constexpr int kOwnMapping = 32 << 20;  // from this size on, memory is given back at once

int run(int argc, char** argv) {
  mallopt(M_MMAP_THRESHOLD, kOwnMapping);
  mallopt(M_TRIM_THRESHOLD, kKeptFree);
  Globals globals;
  bool verbose = false;
  bool quiet = false;
  CLI::App app(
      "zhiyin recommends audio and video: it watches and listens to the files, learns from what people do,\n"
      "and answers \"what next, and why?\"",
      "zhiyin");
  app.set_version_flag("--version", std::string(version()));
  app.add_option("--home", globals.home, "the folder with this deployment's state")
      ->envname("ZHIYIN_HOME")
      ->capture_default_str();
  app.add_flag("--json", globals.json, "exactly one JSON document on stdout");
  app.add_option("--threads", globals.threads, "threads to use; 0 for all cores")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  app.add_flag("-v,--verbose", verbose, "log more");
  app.add_flag("-q,--quiet", quiet, "log warnings and errors only");
  app.require_subcommand(1);
  app.fallthrough();
  for (const auto add : {add_setup, add_doctor, add_import, add_scan, add_pretrain, add_train, add_rollback, add_tune,
                         add_compress, add_runs, add_recommend, add_similar, add_search, add_inspect, add_evaluate,
                         add_bench, add_serve, add_backup, add_restore}) {
    add(app, globals);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kWrongUse;
  }
  if (verbose) globals.log_level = LogLevel::kDebug;
  if (quiet) globals.log_level = LogLevel::kWarning;
  if (globals.log_level) set_log_level(*globals.log_level);
  if (globals.threads == 0) globals.threads = default_threads();
  globals.program = "/proc/self/exe";
  if (const auto done = globals.run(); !done.ok()) {
    fmt::print(stderr, "zhiyin: {}\n", done.error().message);
    return kFailed;
  }
  return kDone;
}

}  // namespace

}  // namespace zhiyin

int main(int argc, char** argv) {
  // The decoder's own process: nothing of the rest is started in it.
  if (argc > 1 && std::strcmp(argv[1], "media-worker") == 0) return zhiyin::media_worker(argc, argv);
  return zhiyin::run(argc, argv);
}
