// The SHA-256 of files that seldom change, remembered beside their size and time of change, so that a program that
// starts often does not read hundreds of megabytes each time. A file that is swapped for one of the same size and time
// is not noticed: who must know for sure reads it (sha256_file).
//
// Confined to one thread; two processes may keep the same file: the last one to save wins, which costs a hash.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/result.h"

namespace zhiyin {

class HashMemory {
 public:
  // A file that is missing or damaged remembers nothing.
  explicit HashMemory(std::filesystem::path file);

  // As sha256_file(), and as its errors.
  Result<std::string> sha256(const std::filesystem::path& path);

  // Writes what is new. A folder that cannot be written costs the memory, not the work: then the next start hashes.
  void save();

 private:
  struct Seen {
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
    std::string sha256;
  };
  std::filesystem::path file_;
  std::map<std::string, Seen> seen_;  // by path
  bool changed_ = false;
};

}  // namespace zhiyin
