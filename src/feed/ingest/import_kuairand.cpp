#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "feed/ingest/import_rows.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

// A column of 0 and 1, and the event that 1 stands for.
struct Flag {
  std::string_view column;
  EventType type;
};
constexpr std::array kFlags = {Flag{"is_click", EventType::kClick},   Flag{"is_like", EventType::kLike},
                               Flag{"is_follow", EventType::kFollow}, Flag{"is_comment", EventType::kComment},
                               Flag{"is_forward", EventType::kShare}, Flag{"is_hate", EventType::kDislike}};

Result<bool> to_flag(std::string_view cell, std::string_view column) {
  if (cell.empty() || cell == "0") return false;
  if (cell == "1") return true;
  return invalid(fmt::format("{} is \"{}\": 0 or 1 is needed", column, cell), std::string(column));
}

// A row is one showing: what was watched of it, and what was done with it.
Result<void> read_row(const TableRow& row, Imported& imported) {
  ZY_TRY(const auto time, to_seconds(row[2], "time_ms"));
  ZY_TRY(const double played, to_number(row[3], "play_time_ms"));
  ZY_TRY(const double duration, to_number(row[4], "duration_ms"));
  if (played < 0) return invalid(fmt::format("play_time_ms is {}: it must not be negative", row[3]), "play_time_ms");
  if (duration < 0) return invalid(fmt::format("duration_ms is {}: it must not be negative", row[4]), "duration_ms");
  ZY_TRY(auto seen, event_of(played > 0 ? EventType::kView : EventType::kImpression, row[0], row[1], time));
  if (played > 0 && duration > 0) seen.value = std::min(1.0, played / duration);
  std::vector<Event> done;
  for (std::size_t f = 0; f < kFlags.size(); ++f) {
    ZY_TRY(const bool set, to_flag(row[5 + f], kFlags[f].column));
    if (!set) continue;
    auto event = seen;
    event.type = kFlags[f].type;
    event.value.reset();
    done.push_back(std::move(event));
  }
  imported.events.push_back(std::move(seen));
  std::ranges::move(done, std::back_inserter(imported.events));
  return {};
}

Result<void> read_log(const fs::path& path, Imported& imported) {
  TableColumns columns{.needed = {"user_id", "video_id", "time_ms", "play_time_ms", "duration_ms"}};
  for (const auto& flag : kFlags) columns.optional.push_back(flag.column);
  return each_row(path, TableForm::kCsv, columns, imported,
                  [&](const TableRow& row) { return read_row(row, imported); });
}

Result<void> read_videos(const fs::path& path, Imported& imported) {
  const TableColumns columns{.needed = {"video_id"}, .optional = {"author_id", "tag"}};
  return each_row(path, TableForm::kCsv, columns, imported, [&](const TableRow& row) -> Result<void> {
    ZY_CHECK_OK(check_id(row[0], "video_id"));
    Item item;
    item.id = ItemId(row[0]);
    item.title = row[0];
    item.creator = row[1];
    for (const auto tag : split(row[2], ',')) {
      if (!trim(tag).empty()) item.tags.emplace_back(trim(tag));
    }
    imported.add_item(std::move(item), path.string(), row.line);
    return {};
  });
}

}  // namespace

Result<Imported> read_kuairand(const fs::path& path) {
  if (!fs::exists(path)) return not_found(fmt::format("{}: no such file or folder", path.string()));
  Imported imported;
  if (!fs::is_directory(path)) {
    ZY_CHECK_OK(read_log(path, imported));
    return imported;
  }
  const auto folder = fs::is_directory(path / "data") ? path / "data" : path;
  const auto logs = files_named(folder, "log_standard_", ".csv");
  if (logs.empty()) return not_found(fmt::format("{}: no log_standard_*.csv is in this folder", folder.string()));
  for (const auto& videos : files_named(folder, "video_features_basic_", ".csv"))
    ZY_CHECK_OK(read_videos(videos, imported));
  for (const auto& log : logs) ZY_CHECK_OK(read_log(log, imported));
  return imported;
}

}  // namespace zhiyin
