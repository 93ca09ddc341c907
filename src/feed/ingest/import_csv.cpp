#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/csv.h"
#include "base/gzip.h"
#include "base/text.h"
#include "feed/ingest/import.h"

namespace zhiyin {
namespace {

constexpr std::array<std::string_view, 8> kEventColumns = {"id",    "type", "user", "item",
                                                           "value", "time", "text", "recommendation"};
constexpr std::array<std::string_view, 8> kItemColumns = {"id",      "title", "text", "tags",
                                                          "creator", "url",   "time", "hidden"};

Result<void> check_header(const std::vector<std::string>& header, std::span<const std::string_view> known) {
  for (const auto& column : header) {
    if (std::ranges::find(known, column) != known.end()) continue;
    return invalid(
        fmt::format("column \"{}\" is not known; the nearest is \"{}\"", column, nearest_name(column, known)), column);
  }
  return {};
}

Result<Json> number(std::string_view cell, std::string_view column) {
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc{} || end != cell.data() + cell.size()) {
    return invalid(fmt::format("{} is \"{}\": a number is needed", column, cell), std::string(column));
  }
  return value == static_cast<double>(static_cast<std::int64_t>(value)) ? Json(static_cast<std::int64_t>(value))
                                                                        : Json(value);
}

// A row as the JSON that the jsonl import would have read; empty cells are fields not given.
Result<Json> to_json(const CsvRow& row, const std::vector<std::string>& header) {
  if (row.cells.size() != header.size()) {
    return invalid(fmt::format("has {} cells, the header names {}", row.cells.size(), header.size()));
  }
  auto json = Json::object();
  for (std::size_t i = 0; i < header.size(); ++i) {
    const auto& cell = row.cells[i];
    if (cell.empty()) continue;
    if (header[i] == "value" || header[i] == "time") {
      ZY_TRY(auto value, number(cell, header[i]));
      json.set(header[i], std::move(value));
    } else if (header[i] == "hidden") {
      json.set(header[i], cell == "true" || cell == "1");
    } else if (header[i] == "tags") {
      Json::Array tags;
      for (const auto tag : split(cell, '|')) tags.emplace_back(tag);
      json.set("tags", std::move(tags));
    } else {
      json.set(header[i], cell);
    }
  }
  return json;
}

}  // namespace

Result<Imported> read_csv(const std::filesystem::path& path, UnixSeconds now) {
  ZY_TRY(const auto text, read_text_file(path));
  ZY_TRY(const auto rows, parse_csv(text).in(path.string()));
  if (rows.empty()) return invalid(fmt::format("{}: is empty; the first line names the columns", path.string()));
  const auto& header = rows.front().cells;
  const auto has = [&](std::string_view name) { return std::ranges::find(header, name) != header.end(); };
  const bool events = has("user") || has("item");
  if (events && !(has("user") && has("item") && has("type"))) {
    return invalid(fmt::format("{}: line 1: events need the columns type, user and item", path.string()), "header");
  }
  if (!events && !has("id")) {
    return invalid(
        fmt::format("{}: line 1: the header must name id (items) or type, user and item (events)", path.string()),
        "header");
  }
  ZY_CHECK_OK(check_header(header, events ? std::span<const std::string_view>(kEventColumns) : kItemColumns)
                  .in(path.string() + ": line 1"));

  Imported imported;
  const auto read = [&](const CsvRow& row) -> Result<void> {
    ZY_TRY(const auto json, to_json(row, header));
    if (events) {
      ZY_TRY(auto event, event_from_json(json, now));
      imported.events.push_back(std::move(event));
    } else {
      ZY_TRY(auto item, item_from_json(json));
      imported.add_item(std::move(item), path.string(), row.line);
    }
    return {};
  };
  for (const auto& row : std::span(rows).subspan(1)) {
    if (auto done = read(row); !done.ok()) imported.bad.push_back({path.string(), row.line, std::move(done).error()});
  }
  return imported;
}

}  // namespace zhiyin
