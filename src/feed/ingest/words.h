// The words and tags of an item that its file brings: name, folders and tags of the file, what can be read and heard in
// it.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "domain/item.h"
#include "domain/perception.h"
#include "feed/ingest/ingest.h"

namespace zhiyin {

// Rises when the text below is put together another way: the words of every item are then read again by the next scan.
inline constexpr int kWordsVersion = 1;
inline constexpr std::string_view kWordsName = "words";

// Fills in what the item does not say yet: title, creator, tags and text from the file's tags; the title from the
// file's name and tags from the folders between the scanned root and the file.
void add_words_of_file(Item& item, const MediaFile& file, const std::map<std::string, std::string>& file_tags);

// What text encoders read: what the owner and the file say of the item, its perceived tags, then what is said and shown
// in the file itself. A long transcript is cut to pieces spread over it, so that it does not drown the title.
std::string words_of(const Item& item, std::span<const Passage> passages);

// The perceived tags that are sure enough to be searched by and shown: each once, the surest first, at most a dozen.
std::vector<std::string> sure_tags(std::span<const PerceivedTag> tags);

}  // namespace zhiyin
