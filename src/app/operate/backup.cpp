#include "app/operate/backup.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "app/operate/archive.h"
#include "base/build.h"
#include "base/file.h"
#include "base/json.h"
#include "base/sqlite.h"
#include "state/bus/local/local_event_log.h"
#include "state/store/sqlite/sqlite_store.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> kFiles = {"zhiyin.toml", "encoders.toml", "own.safetensors"};

struct Source {
  std::string name;  // in the archive
  fs::path file;
};

// A folder for the copies, gone at the end.
class Staging {
 public:
  explicit Staging(fs::path path) : path_(std::move(path)) {
    std::error_code ignored;
    fs::remove_all(path_, ignored);  // of a backup that was killed
    fs::create_directories(path_, ignored);
    fs::permissions(path_, fs::perms::owner_all, ignored);  // it holds what people did, and keys
  }
  ~Staging() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::vector<Source> files_below(const fs::path& home, const std::string& folder) {
  std::vector<Source> found;
  std::error_code failed;
  for (fs::recursive_directory_iterator each(home / folder, failed), end; !failed && each != end;
       each.increment(failed)) {
    const auto& path = each->path();
    if (!each->is_regular_file() || path.extension() == ".part") continue;
    found.push_back({fs::relative(path, home).generic_string(), path});
  }
  std::ranges::sort(found, {}, &Source::name);
  return found;
}

// The snapshot that serves, or nothing. A snapshot is never changed, but an old one may be removed at any time: its
// files are held by links of our own (copies where the file system has none).
Result<std::string> hold_snapshot(const fs::path& home, const fs::path& staging) {
  const auto current = read_file(home / "snapshots" / "current");
  if (!current.ok()) return std::string();
  auto id = current->substr(0, current->find('\n'));
  const auto folder = fmt::format("snapshots/{}", id);
  std::error_code failed;
  fs::create_directories(staging / folder, failed);
  for (const auto& source : files_below(home, folder)) {
    const auto held = staging / source.name;
    fs::create_directories(held.parent_path(), failed);
    fs::create_hard_link(source.file, held, failed);
    if (failed) fs::copy_file(source.file, held, failed);
    if (failed) return internal(fmt::format("{}: {}", source.file.string(), failed.message()));
  }
  if (!fs::exists(staging / folder / "manifest.json"))
    return Error{ErrorCode::kUnavailable, fmt::format("snapshot {} went away meanwhile: try again", id), {}};
  return id;
}

// What the copies say of themselves: it opens them as a restored home would be.
Result<BackupReport> look_into(const fs::path& staging) {
  BackupReport report;
  ZY_TRY(const auto log, open_local_log(staging / "events.db"));
  ZY_TRY(report.offset, log->last_offset());
  ZY_TRY(const auto store, open_sqlite_store(staging / "catalogue.db"));
  ZY_TRY(report.items, store->count_items());
  ZY_TRY(report.users, store->count_users());
  return report;
}

Json manifest_json(const BackupReport& report, UnixSeconds now) {
  return Json::object({{"format", kBackupFormat},
                       {"version", version()},
                       {"created", now},
                       {"offset", report.offset},
                       {"items", report.items},
                       {"users", report.users},
                       {"snapshot", report.snapshot.empty() ? Json() : Json(report.snapshot)}});
}

}  // namespace

Result<BackupReport> back_up(const fs::path& home, const fs::path& file, const Clock& clock, BackupOptions options) {
  if (!fs::exists(home / "catalogue.db")) return not_found(fmt::format("{} is no home", home.string()));
  if (fs::is_directory(file)) return invalid(fmt::format("{}: is a folder: name a file in it", file.string()));
  if (fs::exists(file) && !options.replace) {
    return Error{ErrorCode::kConflict,
                 fmt::format("{}: is there already: give another name, or --force to replace it", file.string()),
                 {}};
  }
  const Staging staging(file.string() + ".parts");
  ZY_TRY(auto snapshot, hold_snapshot(home, staging.path()));
  ZY_CHECK_OK(sqlite::copy_database(home / "events.db", staging.path() / "events.db"));
  ZY_CHECK_OK(sqlite::copy_database(home / "catalogue.db", staging.path() / "catalogue.db"));
  ZY_TRY(auto report, look_into(staging.path()));
  report.snapshot = std::move(snapshot);

  ZY_TRY(const auto archive, ArchiveWriter::create(file));
  ZY_CHECK_OK(archive->add_bytes("manifest.json", manifest_json(report, clock.now()).pretty() + "\n"));
  for (const auto* name : {"events.db", "catalogue.db"}) {
    ZY_CHECK_OK(archive->add_file(name, staging.path() / name));
    std::error_code ignored;
    fs::remove(staging.path() / name, ignored);  // its space is wanted
  }
  for (const auto name : kFiles) {
    if (fs::exists(home / name)) ZY_CHECK_OK(archive->add_file(std::string(name), home / name));
  }
  for (const auto& source : files_below(home, "runs")) ZY_CHECK_OK(archive->add_file(source.name, source.file));
  if (!report.snapshot.empty()) {
    for (const auto& source : files_below(staging.path(), "snapshots"))
      ZY_CHECK_OK(archive->add_file(source.name, source.file));
    ZY_CHECK_OK(archive->add_bytes("snapshots/current", report.snapshot + "\n"));
  }
  ZY_CHECK_OK(archive->finish());
  ZY_CHECK_OK(read_archive(file));
  report.bytes = static_cast<std::int64_t>(fs::file_size(file));
  return report;
}

}  // namespace zhiyin
