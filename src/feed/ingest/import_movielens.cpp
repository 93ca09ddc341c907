#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "base/gzip.h"
#include "base/lines.h"
#include "base/text.h"
#include "feed/ingest/import_rows.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

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

Result<Event> rating_event(std::string_view user, std::string_view item, std::string_view rating,
                           std::string_view time) {
  ZY_TRY(const auto stars, to_number(rating, "rating"));
  if (stars < 0 || stars > 5) return invalid(fmt::format("rating is {}: 0 to 5 is allowed", rating), "rating");
  ZY_TRY(const auto seconds, to_seconds(time, "timestamp"));
  ZY_TRY(auto event, event_of(EventType::kRating, user, item, seconds));
  event.value = stars;
  return event;
}

// "Toy Story (1995)" and its genres, as an item.
Item film(std::string_view id, std::string_view title, std::string_view year, std::string_view genres) {
  Item item;
  item.id = ItemId(id);
  item.title = title;
  for (const auto genre : split(genres, '|')) {
    if (!genre.empty() && genre != "(no genres listed)") item.tags.emplace_back(genre);
  }
  if (!year.empty() && year != "NA") item.attributes.set("year", std::string(year));
  return item;
}

// One table with everything (r-cran-dslabs).
Result<Imported> read_joined(const fs::path& path) {
  Imported imported;
  std::unordered_set<std::string> known;
  ZY_CHECK_OK(each_row(path, TableForm::kCsv, {{"userId", "movieId", "rating", "timestamp", "title", "year", "genres"}},
                       imported, [&](const TableRow& row) -> Result<void> {
                         ZY_TRY(auto event, rating_event(row[0], row[1], row[2], row[3]));
                         if (known.insert(event.item.value).second)
                           imported.add_item(film(row[1], row[4], row[5], row[6]), path.string(), row.line);
                         imported.events.push_back(std::move(event));
                         return {};
                       }));
  return imported;
}

Result<Imported> read_latest(const fs::path& movies, const fs::path& ratings) {
  Imported imported;
  ZY_CHECK_OK(each_row(movies, TableForm::kCsv, {{"movieId", "title", "genres"}}, imported,
                       [&](const TableRow& row) -> Result<void> {
                         ZY_CHECK_OK(check_id(row[0], "movieId"));
                         imported.add_item(film(row[0], row[1], {}, row[2]), movies.string(), row.line);
                         return {};
                       }));
  ZY_CHECK_OK(each_row(ratings, TableForm::kCsv, {{"userId", "movieId", "rating", "timestamp"}}, imported,
                       [&](const TableRow& row) -> Result<void> {
                         ZY_TRY(auto event, rating_event(row[0], row[1], row[2], row[3]));
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
  imported.add_item(film(cells[0], cells[1], {}, genres), place.file.string(), place.line);
  return {};
}

Result<void> read_rating_100k(std::string_view line, const Place&, Imported& imported) {
  const auto cells = split(line, '\t');
  if (cells.size() != 4)
    return invalid(fmt::format("has {} fields, 4 are needed: user, item, rating, time", cells.size()));
  ZY_TRY(auto event, rating_event(cells[0], cells[1], cells[2], cells[3]));
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
