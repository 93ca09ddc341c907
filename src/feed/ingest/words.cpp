#include "feed/ingest/words.h"

#include <algorithm>

#include "base/json.h"

namespace zhiyin {
namespace {

void add_tag(Item& item, std::string tag) {
  if (tag.empty() || tag == "." || std::ranges::find(item.tags, tag) != item.tags.end()) return;
  item.tags.push_back(std::move(tag));
}

// "03_my-song.final" -> "my song.final": numbers in front are an order, not a name.
std::string readable(std::string name) {
  std::ranges::replace_if(name, [](char c) { return c == '_' || c == '-' || c == '+'; }, ' ');
  const auto digits = name.find_first_not_of("0123456789");
  if (digits != std::string::npos && digits > 0 && name[digits] == ' ') name.erase(0, digits);
  const auto first = name.find_first_not_of(' ');
  if (first == std::string::npos) return name;
  return name.substr(first, name.find_last_not_of(' ') - first + 1);
}

// Genres arrive as "Rock; Blues", "Rock/Blues" or "Rock, Blues".
void add_genres(Item& item, std::string_view genres) {
  while (!genres.empty()) {
    const auto end = std::min(genres.find_first_of(";/,"), genres.size());
    add_tag(item, readable(std::string(genres.substr(0, end))));
    genres.remove_prefix(std::min(end + 1, genres.size()));
  }
}

}  // namespace

void add_words_of_file(Item& item, const MediaFile& file, const std::map<std::string, std::string>& file_tags) {
  const auto tag = [&](const char* name) {
    const auto found = file_tags.find(name);
    return found == file_tags.end() ? std::string() : found->second;
  };
  if (item.title.empty()) item.title = tag("title");
  if (item.title.empty()) {
    const auto stem = file.path.stem().string();
    item.title = is_utf8(stem) ? readable(stem) : "untitled";
  }
  if (item.creator.empty()) item.creator = tag("artist");
  if (item.text.empty()) item.text = tag("comment").empty() ? tag("description") : tag("comment");
  add_genres(item, tag("genre"));
  add_tag(item, tag("album"));
  for (const auto& folder : file.path.parent_path().lexically_relative(file.root)) {
    if (is_utf8(folder.string())) add_tag(item, readable(folder.string()));
  }
}

}  // namespace zhiyin
