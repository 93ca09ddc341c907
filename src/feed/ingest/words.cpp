#include "feed/ingest/words.h"

#include <algorithm>
#include <unordered_set>

#include "base/json.h"
#include "understand/embed/text/text_encoder.h"

namespace zhiyin {
namespace {

constexpr double kSure = 0.3;  // where encoders of objects put the threshold of what they show
constexpr std::size_t kMostTags = 12;
constexpr std::size_t kMostPassageBytes = 4000;

void add_tag(Item& item, std::string tag) {
  if (tag.empty() || tag == "." || std::ranges::find(item.tags, tag) != item.tags.end()) return;
  item.tags.push_back(std::move(tag));
}

// "03_my-song.final" -> "my song.final": numbers in front are an order, not a name.
std::string readable(std::string name) {
  std::ranges::replace_if(
      name, [](char c) { return c == '_' || c == '-' || c == '+'; }, ' ');
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

std::string words_of(const Item& item, std::span<const Passage> passages) {
  auto text = text_of(item);
  const auto append = [&text](std::string_view part, std::string_view separator) {
    if (!text.empty()) text += separator;
    text += part;
  };
  for (std::size_t i = 0; i < item.media.tags.size(); ++i) append(item.media.tags[i], i == 0 ? ". " : ", ");

  std::vector<std::string_view> lines;  // a caption that stays on the screen is read in many frames
  std::unordered_set<std::string_view> seen;
  std::size_t bytes = 0;
  for (const auto& passage : passages) {
    if (passage.text.empty() || !seen.insert(passage.text).second) continue;
    lines.emplace_back(passage.text);
    bytes += passage.text.size();
  }
  const auto every = std::max<std::size_t>(1, (bytes + kMostPassageBytes - 1) / kMostPassageBytes);
  std::size_t used = 0;
  for (std::size_t i = 0; i < lines.size() && used < kMostPassageBytes; i += every) {
    append(lines[i], ". ");
    used += lines[i].size();
  }
  return text;
}

std::vector<std::string> sure_tags(std::span<const PerceivedTag> tags) {
  std::vector<const PerceivedTag*> sure;
  for (const auto& tag : tags) {
    if (tag.confidence >= kSure && !tag.name.empty()) sure.push_back(&tag);
  }
  std::ranges::stable_sort(sure, std::greater{}, &PerceivedTag::confidence);
  std::vector<std::string> names;
  for (const auto* tag : sure) {
    if (names.size() == kMostTags) break;
    if (std::ranges::find(names, tag->name) == names.end()) names.push_back(tag->name);
  }
  return names;
}

}  // namespace zhiyin
