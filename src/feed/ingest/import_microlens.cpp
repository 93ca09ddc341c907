#include <fmt/format.h>

#include <map>

#include "base/gzip.h"
#include "feed/ingest/import_rows.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

using Times = std::map<std::pair<std::string, std::string>, UnixSeconds>;  // by user and item

Result<void> read_titles(const fs::path& path, Imported& imported) {
  return each_row(path, TableForm::kCsv, {{"item", "title"}}, imported, [&](const TableRow& row) -> Result<void> {
    ZY_CHECK_OK(check_id(row[0], "item"));
    Item item;
    item.id = ItemId(row[0]);
    item.title = row[1].empty() ? row[0] : row[1];
    imported.add_item(std::move(item), path.string(), row.line);
    return {};
  });
}

Result<void> read_pairs_of(const fs::path& path, Imported& imported, Times& times) {
  return each_row(path, TableForm::kCsv, {{"user", "item", "timestamp"}}, imported,
                  [&](const TableRow& row) -> Result<void> {
                    ZY_TRY(const auto time, to_seconds(row[2], "timestamp"));
                    ZY_TRY(auto event, event_of(EventType::kLike, row[0], row[1], time));
                    times[{event.user.value, event.item.value}] = time;
                    imported.events.push_back(std::move(event));
                    return {};
                  });
}

// A comment has the time of the pair that it belongs to; without one there is no telling when it was written.
Result<void> read_comments(const fs::path& path, Imported& imported, const Times& times) {
  constexpr std::size_t kLongest = 10'000;
  return each_row(
      path, TableForm::kCsv, {{"user", "item", "comment"}}, imported, [&](const TableRow& row) -> Result<void> {
        const auto time = times.find({std::string(row[0]), std::string(row[1])});
        if (time == times.end()) return invalid("the user and item of this comment are in no row of the pairs", "item");
        if (row[2].size() > kLongest)
          return invalid(fmt::format("comment is {} bytes long: {} are allowed", row[2].size(), kLongest), "comment");
        ZY_TRY(auto event, event_of(EventType::kComment, row[0], row[1], time->second));
        event.text = row[2];
        imported.events.push_back(std::move(event));
        return {};
      });
}

}  // namespace

Result<Imported> read_microlens(const fs::path& path) {
  if (!fs::exists(path)) return not_found(fmt::format("{}: no such file or folder", path.string()));
  Imported imported;
  Times times;
  if (!fs::is_directory(path)) {
    ZY_CHECK_OK(read_pairs_of(path, imported, times));
    return imported;
  }
  const auto pairs = files_named(path, "MicroLens", "_pairs.csv");
  if (pairs.empty()) return not_found(fmt::format("{}: no MicroLens*_pairs.csv is in this folder", path.string()));
  for (const auto& titles : files_named(path, "MicroLens", "_titles.csv")) ZY_CHECK_OK(read_titles(titles, imported));
  for (const auto& file : pairs) ZY_CHECK_OK(read_pairs_of(file, imported, times));
  for (const auto& file : files_named(path, "MicroLens", "_comments.csv"))
    ZY_CHECK_OK(read_comments(file, imported, times));
  return imported;
}

}  // namespace zhiyin
