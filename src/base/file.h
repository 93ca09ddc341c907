// Files: whole reads, all-or-nothing writes, memory maps. Paths in every error.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace zhiyin {

Result<std::string> read_file(const std::filesystem::path& path);

// Writes beside the target, fsyncs, renames over it and fsyncs the folder: after a crash there is the old file or
// the new one, never a part.
Result<void> write_file_atomic(const std::filesystem::path& path, std::string_view bytes);

// A read-only memory map of a whole file. Thread-safe once open; unmapped when destroyed.
class MappedFile {
 public:
  static Result<std::shared_ptr<const MappedFile>> open(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  [[nodiscard]] std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  MappedFile(const std::byte* data, std::size_t size) : data_(data), size_(size) {}
  const std::byte* data_;
  std::size_t size_;
};

// Lower-case hex SHA-256 of bytes, and of a file read in pieces.
std::string sha256_hex(std::string_view bytes);
Result<std::string> sha256_file(const std::filesystem::path& path);

}  // namespace zhiyin
