#include <fmt/format.h>

#include "base/text.h"
#include "feed/ingest/import_rows.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

// Words of a token_seq stand with spaces between.
void add_words(std::string_view words, std::vector<std::string>& tags) {
  for (const auto word : split(words, ' ')) {
    if (!word.empty()) tags.emplace_back(word);
  }
}

Result<void> read_items(const fs::path& path, Imported& imported) {
  const TableColumns columns{
      .needed = {"item_id"},
      .optional = {"title", "movie_title", "name", "genre", "genres", "class", "categories", "tags"}};
  return each_row(path, TableForm::kAtomic, columns, imported, [&](const TableRow& row) -> Result<void> {
    ZY_CHECK_OK(check_id(row[0], "item_id"));
    Item item;
    item.id = ItemId(row[0]);
    for (const std::size_t title : {1, 2, 3}) {
      if (item.title.empty()) item.title = row[title];
    }
    if (item.title.empty()) item.title = row[0];
    for (std::size_t tags = 4; tags < row.cells.size(); ++tags) add_words(row[tags], item.tags);
    imported.add_item(std::move(item), path.string(), row.line);
    return {};
  });
}

Result<void> read_events(const fs::path& path, Imported& imported) {
  const TableColumns columns{.needed = {"user_id", "item_id"}, .optional = {"rating", "timestamp"}};
  return each_row(path, TableForm::kAtomic, columns, imported, [&](const TableRow& row) -> Result<void> {
    ZY_TRY(auto event, event_of(EventType::kLike, row[0], row[1], static_cast<UnixSeconds>(row.line)));
    if (!row[2].empty()) {
      ZY_TRY(const double stars, to_number(row[2], "rating"));
      if (stars < 0 || stars > 5) return invalid(fmt::format("rating is {}: 0 to 5 is allowed", row[2]), "rating");
      event.type = EventType::kRating;
      event.value = stars;
    }
    if (!row[3].empty()) {
      ZY_TRY(event.time, to_seconds(row[3], "timestamp"));
    }
    imported.events.push_back(std::move(event));
    return {};
  });
}

}  // namespace

Result<Imported> read_recbole(const fs::path& path) {
  if (!fs::exists(path)) return not_found(fmt::format("{}: no such file or folder", path.string()));
  const bool folder = fs::is_directory(path);
  const auto events = folder ? files_named(path, "", ".inter") : std::vector<fs::path>{path};
  if (events.empty()) return not_found(fmt::format("{}: no file .inter is in this folder", path.string()));
  Imported imported;
  for (const auto& items : files_named(folder ? path : path.parent_path(), "", ".item")) {
    // Beside a file of events stand the items of the same name.
    const auto stem = path.filename().string();
    if (folder || items.filename().string().starts_with(stem.substr(0, stem.find(".inter"))))
      ZY_CHECK_OK(read_items(items, imported));
  }
  for (const auto& file : events) ZY_CHECK_OK(read_events(file, imported));
  return imported;
}

}  // namespace zhiyin
