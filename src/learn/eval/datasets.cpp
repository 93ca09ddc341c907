#include "learn/eval/datasets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <tuple>
#include <unordered_set>

#include "base/csv.h"
#include "base/file.h"
#include "base/gzip.h"
#include "base/text.h"
#include "domain/ids.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPairsForm = "write user<TAB>item[<TAB>value[<TAB>unix_time]]";

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The text up to the separator, which is taken off the front of `rest` with it.
std::string_view take(std::string_view& rest, char separator) {
  const auto at = rest.find(separator);
  const auto taken = rest.substr(0, at);
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
  return taken;
}

// One event from its four texts; an empty value or time is one that is not given.
Result<Interaction> parse_event(std::string_view user, std::string_view item, std::string_view value,
                                std::string_view time, Ids& ids) {
  ZY_CHECK_OK(check_id(user, "user"));
  ZY_CHECK_OK(check_id(item, "item"));
  Interaction event{.user = 0, .item = 0};
  if (!value.empty()) {
    const auto number = parse_number<float>(value);
    if (!number || !std::isfinite(*number)) return invalid(fmt::format("value \"{}\" is not a number", value), "value");
    event.weight = *number;
  }
  if (!time.empty()) {
    const auto seconds = parse_number<UnixSeconds>(time);
    if (!seconds || *seconds < 0) {
      return invalid(fmt::format("time \"{}\" is not a time: write whole seconds since 1970", time), "time");
    }
    event.time = *seconds;
  }
  event.user = ids.users.add(user);
  event.item = ids.items.add(item);
  return event;
}

// Where a .inter file has what a line of pairs has; -1: nowhere.
struct InterColumns {
  std::array<std::ptrdiff_t, 4> at{};

  // The line as user<TAB>item<TAB>value<TAB>time, written to `buffer`. A time in parts of a second is cut.
  std::string_view pick(std::string_view line, std::string& buffer) const {
    const auto cells = split(line, '\t');
    buffer.clear();
    for (std::size_t i = 0; i < at.size(); ++i) {
      const bool there = at[i] >= 0 && at[i] < std::ssize(cells);
      auto cell = there ? cells[static_cast<std::size_t>(at[i])] : std::string_view{};
      if (i == 3) cell = cell.substr(0, cell.find('.'));
      if (i > 0) buffer += '\t';
      buffer += cell;
    }
    return buffer;
  }
};

Result<InterColumns> inter_columns(std::string_view header) {
  constexpr std::array<std::string_view, 4> kNames{"user_id", "item_id", "rating", "timestamp"};
  InterColumns columns;
  columns.at.fill(-1);
  const auto cells = split(header, '\t');
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const auto found = std::ranges::find(kNames, cells[c].substr(0, cells[c].find(':')));
    if (found != kNames.end())
      columns.at[static_cast<std::size_t>(found - kNames.begin())] = static_cast<std::ptrdiff_t>(c);
  }
  if (columns.at[0] < 0 || columns.at[1] < 0)
    return invalid("the header of a .inter file must name user_id and item_id", "header");
  return columns;
}

}  // namespace

std::uint32_t IdTable::add(std::string_view id) {
  if (const auto known = find(id)) return *known;
  const auto number = static_cast<std::uint32_t>(texts_.size());
  texts_.emplace_back(id);
  numbers_.emplace(texts_.back(), number);
  return number;
}

std::optional<std::uint32_t> IdTable::find(std::string_view id) const {
  const auto found = numbers_.find(id);
  if (found == numbers_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::uint32_t> IdTable::sort() {
  const auto key = [&](std::uint32_t old) {
    const auto number = parse_number<std::uint64_t>(texts_[old]);
    return std::tuple(!number.has_value(), number.value_or(0), std::string_view(texts_[old]));
  };
  std::vector<std::uint32_t> order(texts_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, key);
  std::vector<std::uint32_t> numbers(order.size());
  std::vector<std::string> sorted(order.size());
  for (std::uint32_t number = 0; number < order.size(); ++number) {
    numbers[order[number]] = number;
    sorted[number] = texts_[order[number]];
    numbers_[sorted[number]] = number;
  }
  texts_ = std::move(sorted);
  return numbers;
}

Result<EventFile> read_pairs(const fs::path& path, Ids& ids) {
  ZY_TRY(const auto text, read_text_file(path));
  EventFile file{.events = {}, .sha256 = sha256_hex(text)};
  std::optional<bool> timed;
  std::optional<InterColumns> inter;
  std::string in_order;  // a line of .inter as the lines of pairs are
  std::string_view rest = text;
  for (std::size_t line = 1; !rest.empty(); ++line) {
    auto fields = take(rest, '\n');
    if (fields.ends_with('\r')) fields.remove_suffix(1);
    if (fields.empty()) continue;
    const auto place = [&] { return fmt::format("{}:{}", path.string(), line); };
    if (line == 1 && fields.find("user_id:") != std::string_view::npos) {
      ZY_TRY(inter, inter_columns(fields).in(place()));
      continue;
    }
    if (inter) fields = inter->pick(fields, in_order);
    const auto user = trim(take(fields, '\t'));
    if (fields.empty()) return invalid(fmt::format("{}: one field only; {}", place(), kPairsForm));
    const auto item = trim(take(fields, '\t'));
    const auto value = trim(take(fields, '\t'));
    const auto time = trim(take(fields, '\t'));
    if (line == 1 && user == "user" && item == "item") continue;
    if (!fields.empty()) return invalid(fmt::format("{}: more than four fields; {}", place(), kPairsForm));
    ZY_TRY(auto event, parse_event(user, item, value, time, ids).in(place()));
    if (timed.value_or(!time.empty()) != !time.empty()) {
      return invalid(fmt::format("{}: some lines have a time and some have none; give it in all or in none", place()),
                     "time");
    }
    timed = !time.empty();
    if (!*timed) event.time = static_cast<UnixSeconds>(line);  // the order of lines is the order in time
    file.events.push_back(event);
  }
  if (file.events.empty()) return invalid(fmt::format("{}: no events; {}", path.string(), kPairsForm));
  return file;
}

Result<EventFile> read_ratings_csv(const fs::path& path, Ids& ids) {
  ZY_TRY(const auto text, read_text_file(path));
  ZY_TRY(const auto rows, parse_csv(text).in(path.string()));
  if (rows.empty()) return invalid(fmt::format("{}: the file is empty", path.string()));
  constexpr std::array<std::string_view, 4> kColumns{"userId", "movieId", "rating", "timestamp"};
  std::array<std::size_t, 4> at{};
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    const auto& header = rows.front().cells;
    at[i] = static_cast<std::size_t>(std::ranges::find(header, kColumns[i]) - header.begin());
    if (at[i] == header.size()) {
      return invalid(
          fmt::format("{}:1: there is no column {}; the first line must name userId, movieId, rating and timestamp",
                      path.string(), kColumns[i]),
          std::string(kColumns[i]));
    }
  }
  EventFile file{.events = {}, .sha256 = sha256_hex(text)};
  for (const auto& row : std::span(rows).subspan(1)) {
    const auto place = fmt::format("{}:{}", path.string(), row.line);
    if (row.cells.size() != rows.front().cells.size()) {
      return invalid(
          fmt::format("{}: {} fields, the first line has {}", place, row.cells.size(), rows.front().cells.size()));
    }
    const auto cell = [&](int column) -> const std::string& { return row.cells[at[static_cast<std::size_t>(column)]]; };
    for (const int column : {2, 3}) {
      if (cell(column).empty())
        return invalid(fmt::format("{}: {} is empty", place, kColumns[static_cast<std::size_t>(column)]));
    }
    ZY_TRY(auto event, parse_event(cell(0), cell(1), cell(2), cell(3), ids).in(place));
    file.events.push_back(event);
  }
  if (file.events.empty()) return invalid(fmt::format("{}: a header and no ratings", path.string()));
  return file;
}

Result<RatingsFile> find_ratings(const fs::path& dir) {
  const auto named = [](const fs::path& path) {
    const bool csv = path.filename().string().starts_with("ratings.csv");
    return RatingsFile{path, csv ? fs::absolute(path).lexically_normal().parent_path().filename().string() : "ml-100k",
                       csv};
  };
  if (fs::is_regular_file(dir)) return named(dir);
  constexpr std::array<std::string_view, 6> kPlaces{"u.data",
                                                    "u.data.gz",
                                                    "ratings.csv",
                                                    "ratings.csv.gz",
                                                    "interactions/ml-100k/u.data",
                                                    "interactions/ml-100k/u.data.gz"};
  for (const auto place : kPlaces) {
    if (fs::is_regular_file(dir / place)) return named(dir / place);
  }
  return not_found(
      fmt::format("{}: no ratings here; give a folder with u.data or ratings.csv (also .gz), or a data root with "
                  "interactions/ml-100k",
                  dir.string()));
}

Result<EventFile> read_ratings(const RatingsFile& file, Ids& ids) {
  return file.csv ? read_ratings_csv(file.path, ids) : read_pairs(file.path, ids);
}

std::vector<UserRow> rows_by_user(const std::vector<Interaction>& events, std::size_t users) {
  std::vector<UserRow> rows(users);
  for (const auto& event : events) rows[event.user].push_back(event);
  std::unordered_set<ItemIndex> seen;
  for (auto& row : rows) {
    std::ranges::stable_sort(row, {}, &Interaction::time);
    seen.clear();
    const auto repeated = [&](const Interaction& event) { return !seen.insert(event.item).second; };
    std::ranges::reverse(row);  // so that the latest of several is met first
    std::erase_if(row, repeated);
    std::ranges::reverse(row);
  }
  return rows;
}

History history_of(const UserRow& row) {
  History history;
  history.weights.assign(row.size(), 1.0F);
  for (const auto& event : row) {
    history.items.push_back(event.item);
    history.times.push_back(event.time);
  }
  return history;
}

std::vector<ItemIndex> items_of(const UserRow& row) {
  std::vector<ItemIndex> items(row.size());
  std::ranges::transform(row, items.begin(), &Interaction::item);
  std::ranges::sort(items);
  return items;
}

}  // namespace zhiyin
