// Tables whose header names their columns, read row by row: what the import formats of public data sets share.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "feed/ingest/import.h"

namespace zhiyin {

// kCsv: RFC 4180. kAtomic: RecBole's atomic files, cells separated by tabs and never quoted, columns named
// "name:type"; the type is left out of the name.
enum class TableForm { kCsv, kAtomic };

// One row, its cells in the order in which the columns were asked for.
struct TableRow {
  std::vector<std::string_view> cells;
  std::size_t line = 0;

  const std::string_view& operator[](std::size_t which) const { return cells[which]; }
};

struct TableColumns {
  std::vector<std::string_view> needed;
  std::vector<std::string_view> optional = {};  // cells after those needed; empty text where there is no such column
};

// Calls read for each row after the header; what it refuses, and a row of another width than the header, is a bad row
// of `imported`. Errors: the file cannot be read, or lacks a needed column (the nearest one is named).
Result<void> each_row(const std::filesystem::path& path, TableForm form, const TableColumns& columns,
                      Imported& imported, const std::function<Result<void>(const TableRow&)>& read);

// Errors name the field.
Result<double> to_number(std::string_view cell, std::string_view field);

// Seconds since 1970 of a time that may be in milliseconds: more than 100,000,000,000 (the year 5138) is taken for such.
Result<UnixSeconds> to_seconds(std::string_view cell, std::string_view field);

// An event with its user and item checked.
Result<Event> event_of(EventType type, std::string_view user, std::string_view item, UnixSeconds time);

// The file of this name in `folder`, or that with .gz behind it.
std::optional<std::filesystem::path> find_file(const std::filesystem::path& folder, std::string_view name);

// The files in `folder` whose names begin and end so, in the order of their names.
std::vector<std::filesystem::path> files_named(const std::filesystem::path& folder, std::string_view begin,
                                               std::string_view end);

}  // namespace zhiyin
