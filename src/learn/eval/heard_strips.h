// What was heard of clips, kept for a second look: decoding a clip costs a process and some tenths of a second, its
// strip of mel levels 13 kB a second of sound. At most kMostBytes are kept; a clip beyond is decoded again.
//
// Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "understand/embed/clip_material.h"

namespace zhiyin {

class HeardStrips {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{256} << 20U;

  explicit HeardStrips(std::size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}

  // Left out where it would be too much, or where the path has one.
  void put(const std::string& path, MelStrip strip);
  // Taken out: whoever asks owns it. Nothing if it was not kept.
  std::optional<MelStrip> take(const std::string& path);

 private:
  std::size_t most_bytes_;
  std::mutex mutex_;
  std::size_t bytes_ = 0;  // both guarded by mutex_
  std::map<std::string, MelStrip> strips_;
};

}  // namespace zhiyin
