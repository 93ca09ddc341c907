#include "understand/embed/hash_memory.h"

#include <sys/stat.h>

#include <ctime>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"

namespace zhiyin {
namespace {

constexpr std::time_t kSettled_s = 2;

}  // namespace

HashMemory::HashMemory(std::filesystem::path file) : file_(std::move(file)) {
  const auto text = read_file(file_);
  if (!text.ok()) return;
  const auto json = Json::parse(*text);
  if (!json.ok()) return;
  for (const auto& [path, seen] : json->members()) {
    seen_[path] = {seen["size"].as_integer(-1), seen["modified_ns"].as_integer(-1),
                   std::string(seen["sha256"].as_string())};
  }
}

Result<std::string> HashMemory::sha256(const std::filesystem::path& path) {
  struct stat now {};
  const bool there = ::stat(path.c_str(), &now) == 0;
  const auto modified_ns = std::int64_t{now.st_mtim.tv_sec} * 1'000'000'000 + now.st_mtim.tv_nsec;
  if (const auto seen = seen_.find(path.string());
      there && seen != seen_.end() && seen->second.size == now.st_size && seen->second.modified_ns == modified_ns) {
    return seen->second.sha256;
  }
  ZY_TRY(auto hash, sha256_file(path));
  // As it was before it was read: a change meanwhile is seen. What changed just now may change again within the same
  // tick of the file system's clock, and is not remembered yet.
  if (::time(nullptr) - now.st_mtim.tv_sec >= kSettled_s) {
    seen_[path.string()] = {now.st_size, modified_ns, hash};
    changed_ = true;
  }
  return hash;
}

void HashMemory::save() {
  if (!changed_) return;
  auto json = Json::object();
  for (const auto& [path, seen] : seen_) {
    json.set(path, Json::object({{"size", seen.size}, {"modified_ns", seen.modified_ns}, {"sha256", seen.sha256}}));
  }
  if (const auto saved = write_file_atomic(file_, json.pretty() + "\n"); !saved.ok()) {
    log_debug("hashes are not remembered: {}", saved.error().message);
  }
  changed_ = false;
}

}  // namespace zhiyin
