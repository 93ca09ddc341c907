// What tables are computed from: files of events, read in the order of their lines, gzipped or not.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "domain/interactions.h"
#include "match/model.h"

namespace zhiyin {

// Ids of any text, numbered in the order of first appearance.
class IdTable {
 public:
  std::uint32_t add(std::string_view id);  // the number of this id, a new one where it is new
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view id) const;
  [[nodiscard]] const std::string& text(std::uint32_t number) const { return texts_[number]; }
  [[nodiscard]] std::size_t size() const { return texts_.size(); }

  // Numbers all ids anew in their own order, whole numbers by value and before other texts, so that "the lower item"
  // means the same whatever order a file has. Returns the new number of each old one.
  std::vector<std::uint32_t> sort();

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;
  std::vector<std::string> texts_;
};

// The ids of several files that speak of the same users and items.
struct Ids {
  IdTable users;
  IdTable items;
};

struct EventFile {
  std::vector<Interaction>
      events;          // weight: the value (1 without one); time: unix time, or the line's place where none is given
  std::string sha256;  // of the unpacked bytes
};

// Lines of user<TAB>item[<TAB>value[<TAB>unix_time]]; a first line "user<TAB>item..." is a header, empty lines are
// skipped, spaces around a field are none of it. New ids are added to `ids`. Errors name file, line and what to write
// instead: a missing field, an id that is none, a value that is no number, a time in some lines only. A RecBole .inter
// file (its header names user_id, item_id and perhaps rating and timestamp, in any order) is read as well; further
// columns are passed over.
Result<EventFile> read_pairs(const std::filesystem::path& path, Ids& ids);

// CSV with a header naming at least userId, movieId, rating and timestamp, in any order (MovieLens' own files, and
// those that R writes of dslabs' movielens).
Result<EventFile> read_ratings_csv(const std::filesystem::path& path, Ids& ids);

// The ratings that a table means by DIR: MovieLens 100K (u.data) or a ratings.csv in DIR itself, else MovieLens 100K
// where a data root keeps it (interactions/ml-100k); each also with .gz. DIR may be such a file itself.
struct RatingsFile {
  std::filesystem::path path;
  std::string name;  // "ml-100k", else the name of the file's folder
  bool csv = false;
};
Result<RatingsFile> find_ratings(const std::filesystem::path& dir);
Result<EventFile> read_ratings(const RatingsFile& file, Ids& ids);

// One user's positives, oldest first, each item once (the latest event of it counts).
using UserRow = std::vector<Interaction>;
std::vector<UserRow> rows_by_user(const std::vector<Interaction>& events, std::size_t users);

// A row as a model sees it; every positive counts 1, whatever its value was.
History history_of(const UserRow& row);

// The items of a row, ascending.
std::vector<ItemIndex> items_of(const UserRow& row);

}  // namespace zhiyin
