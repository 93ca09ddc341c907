// A home as one file, taken while others write to it.
//
// The file holds manifest.json, both databases as of one moment each, the snapshot that serves, the settings, the home's
// own nets and its runs. What they say fits together: the snapshot is chosen first, then the log is copied, which
// therefore reaches at least as far as the snapshot has learned, then the catalogue, which knows every item of the log.
// Not in it: older snapshots, and model files that encoders.toml names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace zhiyin {

inline constexpr int kBackupFormat = 1;

struct BackupReport {
  std::int64_t offset = 0;  // of the log's last event in it
  std::int64_t items = 0;
  std::int64_t users = 0;
  std::string snapshot;  // empty: the home had none
  std::int64_t bytes = 0;
};

struct BackupOptions {
  bool replace = false;  // a file that is there already
};

// Written aside, read back and compared, then renamed: `file` is a whole backup or is not there. Its
// owner alone may read it: it holds what people did, and perhaps keys. Needs twice the space of the databases beside it. Errors: kConflict for a file that is there, kNotFound for a folder that is no
// home, what the disk says.
Result<BackupReport> back_up(const std::filesystem::path& home, const std::filesystem::path& file, const Clock& clock,
                             BackupOptions options = {});

}  // namespace zhiyin
