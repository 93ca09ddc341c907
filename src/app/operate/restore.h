// A backup becomes a home again.
#pragma once

#include <filesystem>

#include "app/operate/backup.h"
#include "base/result.h"

namespace zhiyin {

struct RestoreOptions {
  bool force = false;  // into a home that holds something
};

struct RestoreReport {
  BackupReport backup;
  UnixSeconds created = 0;
  std::filesystem::path set_aside;  // where what the home held lies now; empty: it held nothing
};

// Every byte is checked, and every database opened, before anything in the home is touched; what the home held is set
// aside in it, not deleted. Errors: kCorrupt for a file that is cut off or changed; kConflict for a home that is not
// empty, for one that a running program has open, and for a backup that a newer version wrote.
Result<RestoreReport> restore(const std::filesystem::path& file, const std::filesystem::path& home,
                              RestoreOptions options = {});

}  // namespace zhiyin
