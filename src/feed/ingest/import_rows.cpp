#include "feed/ingest/import_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/csv.h"
#include "base/gzip.h"
#include "base/text.h"

namespace zhiyin {
namespace {

Result<std::vector<CsvRow>> parse(std::string_view text, TableForm form) {
  if (form == TableForm::kCsv) return parse_csv(text);
  if (!is_utf8(text)) return invalid("is not UTF-8");
  std::vector<CsvRow> rows;
  std::size_t line = 0;
  for (auto whole : split(text, '\n')) {
    ++line;
    if (whole.ends_with('\r')) whole.remove_suffix(1);
    if (whole.empty()) continue;
    auto& row = rows.emplace_back(CsvRow{.line = line, .cells = {}});
    for (const auto cell : split(whole, '\t')) row.cells.emplace_back(cell);
  }
  if (!rows.empty()) {
    for (auto& name : rows.front().cells) name.resize(std::min(name.size(), name.find(':')));
  }
  return rows;
}

}  // namespace

Result<void> each_row(const std::filesystem::path& path, TableForm form, const TableColumns& columns,
                      Imported& imported, const std::function<Result<void>(const TableRow&)>& read) {
  ZY_TRY(const auto text, read_text_file(path));
  ZY_TRY(const auto rows, parse(text, form).in(path.string()));
  if (rows.empty()) return invalid(fmt::format("{}: is empty; the first line names the columns", path.string()));
  const auto& header = rows.front().cells;
  std::vector<std::size_t> at;
  for (const auto name : columns.needed) {
    const auto found = std::ranges::find(header, name);
    if (found == header.end()) {
      return invalid(fmt::format("{}: line 1: no column \"{}\" (the nearest is \"{}\")", path.string(), name,
                                 nearest_name(name, header)),
                     std::string(name));
    }
    at.push_back(static_cast<std::size_t>(found - header.begin()));
  }
  for (const auto name : columns.optional)
    at.push_back(static_cast<std::size_t>(std::ranges::find(header, name) - header.begin()));
  TableRow cells;
  cells.cells.resize(at.size());
  for (const auto& row : std::span(rows).subspan(1)) {
    const auto done = [&]() -> Result<void> {
      if (row.cells.size() != header.size())
        return invalid(fmt::format("has {} cells, the header names {}", row.cells.size(), header.size()));
      cells.line = row.line;
      std::ranges::transform(at, cells.cells.begin(), [&](std::size_t column) {
        return column < row.cells.size() ? std::string_view(row.cells[column]) : std::string_view{};
      });
      return read(cells);
    }();
    if (!done.ok()) imported.bad.push_back({path.string(), row.line, done.error()});
  }
  return {};
}

Result<double> to_number(std::string_view cell, std::string_view field) {
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc{} || end != cell.data() + cell.size() || !std::isfinite(value))
    return invalid(fmt::format("{} is \"{}\": a number is needed", field, cell), std::string(field));
  return value;
}

Result<UnixSeconds> to_seconds(std::string_view cell, std::string_view field) {
  constexpr double kMilliseconds = 1e11;
  ZY_TRY(const double time, to_number(cell, field));
  if (time < 0) return invalid(fmt::format("{} is {}: it must not be negative", field, cell), std::string(field));
  if (time > 1000 * kMilliseconds)
    return invalid(fmt::format("{} is {}: seconds or milliseconds since 1970 are needed", field, cell),
                   std::string(field));
  return static_cast<UnixSeconds>(time > kMilliseconds ? time / 1000 : time);
}

Result<Event> event_of(EventType type, std::string_view user, std::string_view item, UnixSeconds time) {
  ZY_CHECK_OK(check_id(user, "user"));
  ZY_CHECK_OK(check_id(item, "item"));
  Event event;
  event.type = type;
  event.user = UserId(user);
  event.item = ItemId(item);
  event.time = time;
  return event;
}

std::optional<std::filesystem::path> find_file(const std::filesystem::path& folder, std::string_view name) {
  for (const auto& candidate : {folder / name, folder / (std::string(name) + ".gz")}) {
    if (std::filesystem::exists(candidate)) return candidate;
  }
  return std::nullopt;
}

std::vector<std::filesystem::path> files_named(const std::filesystem::path& folder, std::string_view begin,
                                               std::string_view end) {
  std::vector<std::filesystem::path> files;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    auto name = entry.path().filename().string();
    if (name.ends_with(".gz")) name.resize(name.size() - 3);
    if (name.starts_with(begin) && name.ends_with(end)) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace zhiyin
