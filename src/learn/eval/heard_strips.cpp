#include "learn/eval/heard_strips.h"

#include <utility>

namespace zhiyin {
namespace {

std::size_t bytes_of(const MelStrip& strip) { return strip.levels.size() * sizeof(float); }

}  // namespace

void HeardStrips::put(const std::string& path, MelStrip strip) {
  const std::scoped_lock lock(mutex_);
  const auto bytes = bytes_of(strip);
  if (bytes_ + bytes > most_bytes_) return;
  if (strips_.try_emplace(path, std::move(strip)).second) bytes_ += bytes;
}

std::optional<MelStrip> HeardStrips::take(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  const auto found = strips_.find(path);
  if (found == strips_.end()) return std::nullopt;
  auto strip = std::move(found->second);
  strips_.erase(found);
  bytes_ -= bytes_of(strip);
  return strip;
}

}  // namespace zhiyin
