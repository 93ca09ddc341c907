#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/gzip.h"
#include "base/lines.h"
#include "base/text.h"
#include "feed/ingest/import.h"

namespace zhiyin {
namespace {

Result<void> read_line(std::string_view line, std::size_t number, Imported& imported) {
  const auto cells = split(line, '\t');
  if (cells.size() < 2 || cells.size() > 4) {
    return invalid(fmt::format(
        "has {} fields; a line is user, item and if known value and unix time, separated by tabs", cells.size()));
  }
  ZY_CHECK_OK(check_id(cells[0], "user"));
  ZY_CHECK_OK(check_id(cells[1], "item"));
  Event event;
  event.type = EventType::kLike;
  event.user = UserId(cells[0]);
  event.item = ItemId(cells[1]);
  event.time = static_cast<UnixSeconds>(number);  // the order of lines, where no time is given
  const auto parse = [](std::string_view cell, auto& value) {
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    return error == std::errc{} && end == cell.data() + cell.size();
  };
  if (cells.size() > 2) {
    double value = 0;
    if (!parse(cells[2], value)) return invalid(fmt::format("value is \"{}\": a number is needed", cells[2]), "value");
    event.value = value;
  }
  if (cells.size() > 3 && (!parse(cells[3], event.time) || event.time < 0)) {
    return invalid(fmt::format("time is \"{}\": seconds since 1970, not negative, are needed", cells[3]), "time");
  }
  imported.events.push_back(std::move(event));
  return {};
}

}  // namespace

Result<Imported> read_pairs(const std::filesystem::path& path) {
  ZY_TRY(const auto bytes, read_text_file(path));
  Imported imported;
  for (Lines lines(bytes); const auto line = lines.next();) {
    if (auto done = read_line(*line, lines.number(), imported); !done.ok())
      imported.bad.push_back({path.string(), lines.number(), std::move(done).error()});
  }
  return imported;
}

}  // namespace zhiyin
