#include "state/bus/local/id_table.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <tuple>

#include "base/random.h"

namespace zhiyin {

std::uint64_t id_fingerprint(std::string_view id) {
  std::uint64_t mixed = mix64(id.size());
  for (; !id.empty(); id.remove_prefix(std::min(id.size(), sizeof mixed))) {
    std::uint64_t word = 0;
    std::memcpy(&word, id.data(), std::min(id.size(), sizeof word));
    mixed = mix64(mixed ^ word);
  }
  return mixed;
}

IdTable::IdTable(std::size_t most) : mask_(std::bit_ceil(most + most / 2 + 1) - 1), slots_(mask_ + 1) {}

void IdTable::add(IdEntry entry) {
  assert(entry.offset > 0);
  auto at = entry.fingerprint & mask_;
  while (slots_[at].offset != 0) at = (at + 1) & mask_;
  slots_[at] = entry;
}

std::vector<IdEntry> IdTable::sorted() const {
  std::vector<IdEntry> entries;
  std::ranges::copy_if(slots_, std::back_inserter(entries), [](const IdEntry& entry) { return entry.offset != 0; });
  std::ranges::sort(entries, {}, [](const IdEntry& entry) { return std::tuple(entry.fingerprint, entry.offset); });
  return entries;
}

}  // namespace zhiyin
