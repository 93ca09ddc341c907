// Domain words <-> rows of catalogue.db: the one place that knows the order of the columns.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/sqlite.h"
#include "state/store/store.h"

namespace zhiyin {

inline constexpr std::string_view kItemColumns =
    "id, title, text, tags, creator, url, time, hidden, attributes, media_kind, media_path, media_hash, media_type, "
    "duration_s, has_cover, "
    "has_preview, media_tags";
inline constexpr std::string_view kUserColumns = "id, name, attributes";
inline constexpr std::string_view kFileColumns = "path, size, modified_ns, content_hash, item";

// Bind the columns above, in that order.
void bind_item(sqlite::Query& query, const Item& item);
void bind_user(sqlite::Query& query, const User& user);
void bind_file(sqlite::Query& query, const ScannedFile& file);

// Read them from the current row, from column 0. kCorrupt where a column holds what this program never writes.
Result<Item> read_item(const sqlite::Query& row);
Result<User> read_user(const sqlite::Query& row);
ScannedFile read_file_row(const sqlite::Query& row);

// A vector's values of what vectors.data holds.
Result<std::vector<float>> from_blob(sqlite::Blob blob);

}  // namespace zhiyin
