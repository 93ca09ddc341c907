// The words of an item that its file brings: name, folders and tags.
#pragma once

#include <map>
#include <string>

#include "domain/item.h"
#include "feed/ingest/ingest.h"

namespace zhiyin {

// Fills in what the item does not say yet: title, creator, tags and text from the file's tags; the title from the
// file's name and tags from the folders between the scanned root and the file.
void add_words_of_file(Item& item, const MediaFile& file, const std::map<std::string, std::string>& file_tags);

}  // namespace zhiyin
