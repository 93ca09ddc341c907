// Several files as one: a tar whose last entry, SHA256SUMS, holds the SHA-256 of each other one, so that `tar xf` and
// `sha256sum -c SHA256SUMS` read it too. It is read compressed as well (gzip, xz, zstd).
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace zhiyin {

// Confined to one thread. Names are relative paths of plain words ("snapshots/current").
class ArchiveWriter {
 public:
  // Writes to `path`.part, for its owner's eyes alone; what stands at `path` stays until finish().
  static Result<std::unique_ptr<ArchiveWriter>> create(const std::filesystem::path& path);
  ~ArchiveWriter();  // without finish(): nothing is left
  ArchiveWriter(const ArchiveWriter&) = delete;
  ArchiveWriter& operator=(const ArchiveWriter&) = delete;

  Result<void> add_bytes(const std::string& name, std::string_view bytes);
  // A file that grows or shrinks meanwhile is an error.
  Result<void> add_file(const std::string& name, const std::filesystem::path& file);

  // Writes the sums, brings all to the disk and renames it into place.
  Result<void> finish();

 private:
  class Implementation;
  explicit ArchiveWriter(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

using ArchiveSums = std::map<std::string, std::string>;  // SHA-256 by name

// Reads the archive to its end and compares every sum; with a folder `into`, which must exist, writes the files there
// and brings them to the disk. kCorrupt where it is cut off, changed, or no archive of ours (then what was written so
// far is to be thrown away); names that point outside of `into` are refused.
Result<ArchiveSums> read_archive(const std::filesystem::path& path, const std::filesystem::path* into = nullptr);

}  // namespace zhiyin
