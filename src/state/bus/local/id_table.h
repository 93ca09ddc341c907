// Fingerprints of the ids of logged events, in memory: those of one stretch of the log.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "state/bus/event_log.h"

namespace zhiyin {

// 64 well-mixed bits of an id; the same on every machine and in every version, since files hold them.
std::uint64_t id_fingerprint(std::string_view id);

struct IdEntry {
  std::uint64_t fingerprint = 0;
  Offset offset = 0;  // of the event with that id
};

// A hash table with linear probing. Two ids may share a fingerprint, so one fingerprint may have several offsets.
// Thread-compatible.
class IdTable {
 public:
  explicit IdTable(std::size_t most);  // entries; no more may be added

  void add(IdEntry entry);

  // Calls visit(offset) for each offset of the fingerprint until it says true; whether it did.
  template <typename Visit>
  bool find(std::uint64_t fingerprint, const Visit& visit) const {
    for (auto at = fingerprint & mask_; slots_[at].offset != 0; at = (at + 1) & mask_) {
      if (slots_[at].fingerprint == fingerprint && visit(slots_[at].offset)) return true;
    }
    return false;
  }

  [[nodiscard]] std::vector<IdEntry> sorted() const;  // by fingerprint, then offset

 private:
  std::uint64_t mask_;
  std::vector<IdEntry> slots_;  // offset 0: empty
};

}  // namespace zhiyin
