#include "feed/ingest/watch.h"

#include <chrono>
#include <unordered_map>

#include "base/clock.h"
#include "base/log.h"
#include "feed/ingest/folder_watch.h"

namespace zhiyin {
namespace {

// Which files have stopped changing.
class Quiet {
 public:
  explicit Quiet(double quiet_s) : quiet_s_(quiet_s) {}

  bool operator()(const MediaFile& file) {
    const double now_s = watch_.seconds();
    auto& seen = seen_[file.path.string()];
    if (seen.size != file.size || seen.modified_ns != file.modified_ns) seen = {file.size, file.modified_ns, now_s};
    const auto wall_ns =
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    const double age_s = static_cast<double>(wall_ns - file.modified_ns) * 1e-9;
    const bool quiet = age_s >= quiet_s_ || now_s - seen.since_s >= quiet_s_;
    if (quiet) seen_.erase(file.path.string());
    return quiet;
  }

 private:
  struct Seen {
    std::int64_t size = -1;
    std::int64_t modified_ns = 0;
    double since_s = 0;
  };
  double quiet_s_;
  Stopwatch watch_;
  std::unordered_map<std::string, Seen> seen_;
};

bool changed_anything(const ScanReport& report) {
  return report.analysed + report.updated + report.moved + report.gone + report.read_again > 0;
}

}  // namespace

Result<void> watch(std::span<const std::filesystem::path> paths, Ingest& ingest, Store& store, ScanOptions scanning,
                   const WatchOptions& options, const std::function<void(const ScanReport&)>& report) {
  Quiet quiet(options.quiet_s);
  scanning.ready = [&quiet](const MediaFile& file) { return quiet(file); };
  FolderWatch folders(folders_of(paths), options.quiet_s,
                      options.poll_s);  // before the first look: what changes meanwhile is noticed
  for (bool first = true; !scanning.stop.stop_requested(); first = false) {
    const auto done = scan(paths, ingest, store, scanning);
    if (!done.ok() && (first || done.error().code != ErrorCode::kNotFound)) return done.error();
    if (!done.ok()) log_warning("{}: nothing is forgotten, and it is looked for again", done.error().message);
    if (done.ok() && (first || changed_anything(*done))) report(*done);
    folders.wait(!done.ok() ? options.poll_s : done->left > 0 ? options.quiet_s : options.look_s, scanning.stop);
  }
  return {};
}

}  // namespace zhiyin
