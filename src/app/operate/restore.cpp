#include "app/operate/restore.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "app/operate/archive.h"
#include "base/file.h"
#include "base/json.h"
#include "base/sqlite.h"
#include "feed/snapshot/snapshot.h"
#include "state/bus/local/local_event_log.h"
#include "state/store/sqlite/sqlite_store.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPart = "restore.part";
constexpr std::string_view kAside = "before-restore";

// What a home holds, apart from what earlier restores left.
std::vector<fs::path> contents(const fs::path& home) {
  std::vector<fs::path> found;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(home, failed)) {
    const auto name = entry.path().filename().string();
    if (name != kPart && !name.starts_with(kAside) && name != "lost+found") found.push_back(entry.path());
  }
  return found;
}

fs::path unused_aside(const fs::path& home) {
  auto folder = home / kAside;
  for (int again = 2; fs::exists(folder); ++again) folder = home / fmt::format("{}-{}", kAside, again);
  return folder;
}

// A program that has the database open would write on into what is set aside. A damaged one is no hindrance: it may be
// why somebody restores.
Result<void> check_unused(const fs::path& home) {
  for (const auto* name : {"catalogue.db", "events.db"}) {
    if (!fs::exists(home / name)) continue;
    const auto alone = sqlite::take_alone(home / name);
    if (!alone.ok() && alone.error().code == ErrorCode::kUnavailable) {
      return Error{ErrorCode::kConflict,
                   fmt::format("{}: a running program has {} open: stop it first", home.string(), name),
                   {}};
    }
  }
  return {};
}

Result<RestoreReport> read_manifest(const fs::path& folder, const fs::path& file) {
  ZY_TRY(const auto text, read_file(folder / "manifest.json"));
  ZY_TRY(const auto manifest, Json::parse(text).in("manifest.json"));
  const auto format = manifest["format"].as_integer();
  if (format > kBackupFormat) {
    return Error{ErrorCode::kConflict,
                 fmt::format("{}: was written by zhiyin {} in format {}, this version reads up to {}: restore it with "
                             "that version",
                             file.string(), manifest["version"].as_string(), format, kBackupFormat),
                 {}};
  }
  if (format < 1) return corrupt(fmt::format("{}: its manifest names no format", file.string()));
  RestoreReport report;
  report.created = manifest["created"].as_integer();
  report.backup = {.offset = manifest["offset"].as_integer(),
                   .items = manifest["items"].as_integer(),
                   .users = manifest["users"].as_integer(),
                   .snapshot = std::string(manifest["snapshot"].as_string())};
  return report;
}

// Opens what was unpacked as a home would be, and compares it with what the manifest says.
Result<void> check_contents(const fs::path& folder, const BackupReport& said) {
  ZY_TRY(const auto log, open_local_log(folder / "events.db"));
  ZY_TRY(const auto offset, log->last_offset());
  ZY_TRY(const auto store, open_sqlite_store(folder / "catalogue.db"));
  ZY_TRY(const auto items, store->count_items());
  if (offset != said.offset || items != said.items) {
    return corrupt(fmt::format("it holds {} events and {} items, its manifest says {} and {}", offset, items,
                               said.offset, said.items));
  }
  if (!said.snapshot.empty()) ZY_CHECK_OK(load_snapshot(folder / "snapshots" / said.snapshot));
  return {};
}

Result<void> move_into(const fs::path& from, const fs::path& to) {
  std::error_code failed;
  fs::rename(from, to, failed);
  if (failed)
    return internal(fmt::format("{}: cannot be moved to {}: {}", from.string(), to.string(), failed.message()));
  return {};
}

}  // namespace

Result<RestoreReport> restore(const fs::path& file, const fs::path& home, RestoreOptions options) {
  const auto held = contents(home);
  if (!held.empty() && !options.force) {
    return Error{ErrorCode::kConflict,
                 fmt::format("{}: is not empty: restore into another home, or set what it holds aside with --force",
                             home.string()),
                 {}};
  }
  std::error_code failed;
  const auto part = home / kPart;
  fs::remove_all(part, failed);
  fs::create_directories(part, failed);
  if (failed) return internal(fmt::format("{}: cannot create: {}", part.string(), failed.message()));
  const auto checked = [&]() -> Result<RestoreReport> {
    ZY_CHECK_OK(read_archive(file, &part));
    ZY_TRY(auto report, read_manifest(part, file));
    ZY_CHECK_OK(check_contents(part, report.backup).in(file.string()));
    ZY_CHECK_OK(check_unused(home));
    return report;
  }();
  if (!checked.ok()) {
    fs::remove_all(part, failed);
    if (held.empty()) fs::remove(home, failed);  // only if it is empty
    return checked.error();
  }

  auto report = *checked;
  report.backup.bytes = static_cast<std::int64_t>(fs::file_size(file));
  if (!held.empty()) {
    report.set_aside = unused_aside(home);
    fs::create_directories(report.set_aside, failed);
    for (const auto& path : held) ZY_CHECK_OK(move_into(path, report.set_aside / path.filename()));
  }
  // catalogue.db last: a folder without it is no home yet, so that a restore that is killed here is seen.
  auto restored = contents(part);
  std::erase_if(restored, [](const fs::path& path) { return path.filename() == "manifest.json"; });
  std::ranges::stable_partition(restored, [](const fs::path& path) { return path.filename() != "catalogue.db"; });
  for (const auto& path : restored) ZY_CHECK_OK(move_into(path, home / path.filename()));
  fs::remove_all(part, failed);
  return report;
}

}  // namespace zhiyin
