#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/gzip.h"
#include "base/lines.h"
#include "base/text.h"
#include "feed/ingest/import_rows.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

// No times are known, and the order of lines is by plays: every event has the time when the set was collected (May 2011),
// so that nobody takes the order for one in time.
constexpr UnixSeconds kCollected = 1'304'208'000;
constexpr std::size_t kTags = 5;     // of an artist, those that most listeners gave
constexpr int kFewestListeners = 2;  // that agree on one

using TagsOfArtist = std::unordered_map<std::string, std::map<std::string, int>>;

// Who tagged whom with what, if that is there: tags.dat has the words.
Result<TagsOfArtist> read_tags(const fs::path& folder, Imported& imported) {
  TagsOfArtist tags;
  const auto words = find_file(folder, "tags.dat");
  const auto given = find_file(folder, "user_taggedartists.dat");
  if (!words || !given) return tags;
  std::unordered_map<std::string, std::string> word_of;
  ZY_CHECK_OK(
      each_row(*words, TableForm::kAtomic, {{"tagID", "tagValue"}}, imported, [&](const TableRow& row) -> Result<void> {
        word_of.emplace(row[0], row[1]);
        return {};
      }));
  ZY_CHECK_OK(
      each_row(*given, TableForm::kAtomic, {{"artistID", "tagID"}}, imported, [&](const TableRow& row) -> Result<void> {
        const auto word = word_of.find(std::string(row[1]));
        if (word == word_of.end()) return invalid(fmt::format("tags.dat has no tag {}", row[1]), "tagID");
        ++tags[std::string(row[0])][word->second];
        return {};
      }));
  return tags;
}

void add_tags(const TagsOfArtist& all, Item& item) {
  const auto found = all.find(item.id.value);
  if (found == all.end()) return;
  std::vector<std::pair<std::string, int>> tags(found->second.begin(), found->second.end());
  std::ranges::stable_sort(tags, std::greater{}, [](const auto& tag) { return tag.second; });
  for (const auto& [word, listeners] : tags) {
    if (listeners >= kFewestListeners && item.tags.size() < kTags) item.tags.push_back(word);
  }
}

// A like; its value is how often the artist was played.
Result<Event> read_listening(std::string_view line) {
  const auto cells = split(line, '\t');
  if (cells.size() != 3)
    return invalid(fmt::format("has {} fields, 3 are needed: userID, artistID, weight", cells.size()));
  ZY_TRY(const double plays, to_number(trim(cells[2]), "weight"));
  ZY_TRY(auto event, event_of(EventType::kLike, cells[0], cells[1], kCollected));
  event.value = plays;
  return event;
}

}  // namespace

Result<Imported> read_lastfm(const fs::path& path) {
  const auto listened = find_file(path, "user_artists.dat");
  const auto artists = find_file(path, "artists.dat");
  if (!listened || !artists) {
    return not_found(
        fmt::format("{}: give the folder of hetrec2011-lastfm-2k, with user_artists.dat and artists.dat "
                    "(also .gz)",
                    path.string()));
  }
  Imported imported;
  ZY_TRY(const auto tags, read_tags(path, imported));
  ZY_CHECK_OK(each_row(*artists, TableForm::kAtomic, {.needed = {"id", "name"}, .optional = {"url"}}, imported,
                       [&](const TableRow& row) -> Result<void> {
                         ZY_CHECK_OK(check_id(row[0], "id"));
                         Item item;
                         item.id = ItemId(row[0]);
                         item.title = item.creator = row[1];
                         item.url = row[2];
                         add_tags(tags, item);
                         imported.add_item(std::move(item), artists->string(), row.line);
                         return {};
                       }));
  ZY_TRY(const auto text, read_text_file(*listened));
  for (Lines lines(text); const auto line = lines.next();) {
    if (line->starts_with("userID")) continue;  // the header, which some copies lack
    auto event = read_listening(*line);
    if (!event.ok()) imported.bad.push_back({listened->string(), lines.number(), std::move(event).error()});
    if (event.ok() && event->value > 0) imported.events.push_back(std::move(*event));
  }
  return imported;
}

}  // namespace zhiyin
