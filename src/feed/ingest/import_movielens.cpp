#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_set>

#include "base/csv.h"
#include "base/gzip.h"
#include "base/lines.h"
#include "base/text.h"
#include "feed/ingest/import.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

using Cells = std::vector<std::string>;

std::optional<fs::path> find_file(const fs::path& folder, std::string_view name) {
  for (const auto& candidate : {folder / name, folder / (std::string(name) + ".gz")}) {
    if (fs::exists(candidate)) return candidate;
  }
  return std::nullopt;
}

// u.item is ISO-8859-1: every byte is the code point of the same number.
std::string latin1_to_utf8(std::string_view text) {
  std::string utf8;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      utf8 += c;
    } else {
      utf8 += static_cast<char>(0xc0U | (byte >> 6U));
      utf8 += static_cast<char>(0x80U | (byte & 0x3fU));
    }
  }
  return utf8;
}

Result<double> to_number(const std::string& cell, std::string_view field) {
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc{} || end != cell.data() + cell.size()) {
    return invalid(fmt::format("{} is \"{}\": a number is needed", field, cell), std::string(field));
  }
  return value;
}

Result<Event> rating_event(const std::string& user, const std::string& item, const std::string& rating,
                           const std::string& time) {
  ZY_CHECK_OK(check_id(user, "userId"));
  ZY_CHECK_OK(check_id(item, "movieId"));
  ZY_TRY(const auto stars, to_number(rating, "rating"));
  if (stars < 0 || stars > 5) return invalid(fmt::format("rating is {}: 0 to 5 is allowed", rating), "rating");
  ZY_TRY(const auto seconds, to_number(time, "timestamp"));
  if (seconds < 0) return invalid(fmt::format("timestamp is {}: it must not be negative", time), "timestamp");
  Event event;
  event.type = EventType::kRating;
  event.user = UserId(user);
  event.item = ItemId(item);
  event.value = stars;
  event.time = static_cast<UnixSeconds>(seconds);
  return event;
}

// "Toy Story (1995)" and its genres, as an item.
Item film(const std::string& id, std::string title, std::string_view year, std::string_view genres) {
  Item item;
  item.id = ItemId(id);
  item.title = std::move(title);
  for (const auto genre : split(genres, '|')) {
    if (!genre.empty() && genre != "(no genres listed)") item.tags.emplace_back(genre);
  }
  if (!year.empty() && year != "NA") item.attributes.set("year", std::string(year));
  return item;
}

// The columns that a table needs, by name, wherever they stand.
class Columns {
 public:
  static Result<Columns> find(const Cells& header, std::initializer_list<std::string_view> needed,
                              const fs::path& path) {
    Columns columns;
    for (const auto name : needed) {
      const auto at = std::ranges::find(header, name);
      if (at == header.end()) {
        return invalid(fmt::format("{}: line 1: no column \"{}\" (the nearest is \"{}\")", path.string(), name,
                                   nearest_name(name, header)),
                       std::string(name));
      }
      columns.at_.push_back(static_cast<std::size_t>(at - header.begin()));
    }
    columns.width_ = header.size();
    return columns;
  }
  [[nodiscard]] std::size_t width() const { return width_; }
  const std::string& operator()(const Cells& cells, std::size_t which) const { return cells[at_[which]]; }

 private:
  std::vector<std::size_t> at_;
  std::size_t width_ = 0;
};

// Calls read for each row after the header; what it refuses is a bad row.
template <typename Read>
Result<void> each_row(const fs::path& path, std::initializer_list<std::string_view> needed, Imported& imported,
                      Read read) {
  ZY_TRY(const auto text, read_text_file(path));
  ZY_TRY(const auto rows, parse_csv(text).in(path.string()));
  if (rows.empty()) return invalid(fmt::format("{}: is empty", path.string()));
  ZY_TRY(const auto columns, Columns::find(rows.front().cells, needed, path));
  for (const auto& row : std::span(rows).subspan(1)) {
    Result<void> done =
        row.cells.size() == columns.width()
            ? read(row.cells, columns, row.line)
            : invalid(fmt::format("has {} cells, the header names {}", row.cells.size(), columns.width()));
    if (!done.ok()) imported.bad.push_back({path.string(), row.line, std::move(done).error()});
  }
  return {};
}

// One table with everything (r-cran-dslabs).
Result<Imported> read_joined(const fs::path& path) {
  Imported imported;
  std::unordered_set<std::string> known;
  ZY_CHECK_OK(each_row(
      path, {"userId", "movieId", "rating", "timestamp", "title", "year", "genres"}, imported,
      [&](const Cells& cells, const Columns& column, std::size_t line) -> Result<void> {
        ZY_TRY(auto event, rating_event(column(cells, 0), column(cells, 1), column(cells, 2), column(cells, 3)));
        if (known.insert(event.item.value).second) {
          imported.add_item(film(event.item.value, column(cells, 4), column(cells, 5), column(cells, 6)), path.string(),
                            line);
        }
        imported.events.push_back(std::move(event));
        return {};
      }));
  return imported;
}

Result<Imported> read_latest(const fs::path& movies, const fs::path& ratings) {
  Imported imported;
  ZY_CHECK_OK(each_row(movies, {"movieId", "title", "genres"}, imported,
                       [&](const Cells& cells, const Columns& column, std::size_t line) -> Result<void> {
                         ZY_CHECK_OK(check_id(column(cells, 0), "movieId"));
                         imported.add_item(film(column(cells, 0), column(cells, 1), {}, column(cells, 2)),
                                           movies.string(), line);
                         return {};
                       }));
  ZY_CHECK_OK(each_row(ratings, {"userId", "movieId", "rating", "timestamp"}, imported,
                       [&](const Cells& cells, const Columns& column, std::size_t) -> Result<void> {
                         ZY_TRY(auto event,
                                rating_event(column(cells, 0), column(cells, 1), column(cells, 2), column(cells, 3)));
                         imported.events.push_back(std::move(event));
                         return {};
                       }));
  return imported;
}

constexpr std::array<std::string_view, 19> kGenres100k = {
    "unknown",     "Action", "Adventure", "Animation", "Children's", "Comedy",  "Crime",
    "Documentary", "Drama",  "Fantasy",   "Film-Noir", "Horror",     "Musical", "Mystery",
    "Romance",     "Sci-Fi", "Thriller",  "War",       "Western"};

struct Place {
  const fs::path& file;
  std::size_t line;
};

Result<void> read_film_100k(std::string_view line, const Place& place, Imported& imported) {
  constexpr std::size_t kFirstGenre = 5;
  const auto cells = split(line, '|');
  if (cells.size() != kFirstGenre + kGenres100k.size())
    return invalid(fmt::format("has {} fields, {} are needed", cells.size(), kFirstGenre + kGenres100k.size()));
  ZY_CHECK_OK(check_id(cells[0], "movie id"));
  std::string genres;
  for (std::size_t g = 1; g < kGenres100k.size(); ++g) {
    if (cells[kFirstGenre + g] == "1") genres += (genres.empty() ? "" : "|") + std::string(kGenres100k[g]);
  }
  imported.add_item(film(std::string(cells[0]), std::string(cells[1]), {}, genres), place.file.string(), place.line);
  return {};
}

Result<void> read_rating_100k(std::string_view line, const Place&, Imported& imported) {
  const auto cells = split(line, '\t');
  if (cells.size() != 4)
    return invalid(fmt::format("has {} fields, 4 are needed: user, item, rating, time", cells.size()));
  ZY_TRY(auto event,
         rating_event(std::string(cells[0]), std::string(cells[1]), std::string(cells[2]), std::string(cells[3])));
  imported.events.push_back(std::move(event));
  return {};
}

template <typename Read>
void each_line(std::string_view text, const fs::path& path, Imported& imported, Read read) {
  for (Lines lines(text); const auto line = lines.next();) {
    if (auto done = read(*line, Place{path, lines.number()}, imported); !done.ok())
      imported.bad.push_back({path.string(), lines.number(), std::move(done).error()});
  }
}

Result<Imported> read_100k(const fs::path& ratings, const fs::path& films) {
  Imported imported;
  ZY_TRY(const auto film_text, read_text_file(films));
  each_line(latin1_to_utf8(film_text), films, imported, read_film_100k);
  ZY_TRY(const auto rating_text, read_text_file(ratings));
  each_line(rating_text, ratings, imported, read_rating_100k);
  return imported;
}

}  // namespace

Result<Imported> read_movielens(const fs::path& path) {
  if (!fs::exists(path)) return not_found(fmt::format("{}: no such file or folder", path.string()));
  if (!fs::is_directory(path)) return read_joined(path);
  const auto data = find_file(path, "u.data");
  const auto films = find_file(path, "u.item");
  if (data && films) return read_100k(*data, *films);
  const auto ratings = find_file(path, "ratings.csv");
  const auto movies = find_file(path, "movies.csv");
  if (ratings && movies) return read_latest(*movies, *ratings);
  if (ratings) return read_joined(*ratings);
  return not_found(
      fmt::format("{}: neither u.data and u.item (100K) nor ratings.csv is in this folder", path.string()));
}

}  // namespace zhiyin
