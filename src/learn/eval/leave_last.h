// What people did, in the order of time, and the cut that asks what came last.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "learn/eval/held_out.h"

namespace zhiyin {

struct Sequences {
  std::string name;
  std::string sha256;  // of the file
  Ids ids;             // items are numbered in the order of their ids
  std::vector<UserRow> rows;

  [[nodiscard]] std::size_t items() const { return ids.items.size(); }
};

// All ratings count, whatever the stars. `dir` as find_ratings() takes it.
Result<Sequences> read_sequences(const std::filesystem::path& dir);

// Hides each user's last `hidden` events and asks for the first of them. Users who have no more than that are neither
// learned from nor asked.
HeldOut leave_last(const Sequences& data, std::size_t hidden);

}  // namespace zhiyin
