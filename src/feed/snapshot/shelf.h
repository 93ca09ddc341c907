// The snapshots of a home, and which of them serves.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "state/bus/event_log.h"

namespace zhiyin {

struct ShelvedSnapshot {
  std::string id;
  UnixSeconds created = 0;
  Offset offset = 0;
  std::string recommender;
  std::vector<std::string> models;
  std::string compressed_from;
  bool current = false;
  std::string problem;  // why its manifest cannot be read; then the rest is empty
};

// Newest first. What a crash left half written is not listed; a home without snapshots has none.
Result<std::vector<ShelvedSnapshot>> list_snapshots(const std::filesystem::path& home);

// Points `current` at this one, or where `id` is empty at the newest sound one before the current; a running server
// swaps. Every file is checked against its checksum first. Returns the id.
// Errors: kNotFound with those that there are; kCorrupt where it is damaged, and nothing is changed.
Result<std::string> make_current(const std::filesystem::path& home, const std::string& id);

// How many snapshots a home keeps, where nobody says: each may be gigabytes.
inline constexpr std::size_t kKeepSnapshots = 5;

// Removes all but the newest `keep`, the current one, the one before it (where make_current() without an id goes back
// to), and what any of these was compressed from. 0 keeps all. Returns the ids of those that are gone, newest first.
// One that serves from its files still, or is being backed up, is not hurt. What cannot be removed is left, with a line
// in the log.
Result<std::vector<std::string>> prune_snapshots(const std::filesystem::path& home, std::size_t keep);

}  // namespace zhiyin
