// T1's data and its split: who is held out in which fold, what of their row is shown, and what is asked.
//
// Ratings of at least 4 stars are positives; users with at least 5 of them stay, and the items that they touched. Users
// are dealt at random into five folds; of a held-out user's row, int(.2 n) random items are asked and the rest is
// shown.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "learn/eval/datasets.h"

namespace zhiyin {

struct T1Data {
  std::string name;
  std::string sha256;         // of the file it was read from
  Ids ids;                    // items are numbered in the order of their ids
  std::vector<UserRow> rows;  // by user, oldest first
};

// `dir` as find_ratings() takes it. An error where fewer users are left than there are folds.
Result<T1Data> load_t1(const std::filesystem::path& dir);

struct T1Case {
  UserIndex user;
  UserRow shown;
  UserRow asked;
};
using T1Split = std::vector<std::vector<T1Case>>;  // by fold, then ascending by user

T1Split split_t1(const T1Data& data, std::uint64_t seed);

// The split as text, the same on every machine: a line per held-out event, fold<TAB>user<TAB>item<TAB>shown|asked.
std::string split_text(const T1Data& data, const T1Split& split);

// The SHA-256 of split_text(). Unless `folder` is empty, the text is kept there, written once; one that is there
// already must have the same hash, else kCorrupt.
Result<std::string> keep_split(const T1Data& data, const T1Split& split, std::uint64_t seed,
                               const std::filesystem::path& folder);

}  // namespace zhiyin
