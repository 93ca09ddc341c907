#include "state/store/sqlite/rows.h"

#include <fmt/format.h>

#include "base/kernels/compact.h"

namespace zhiyin {
namespace {

std::string tags_text(const std::vector<std::string>& tags) {
  return Json(Json::Array(tags.begin(), tags.end())).dump();
}

std::optional<std::string> attributes_text(const Json& attributes) {
  if (attributes.is_null()) return std::nullopt;
  return attributes.dump();
}

Result<Json> read_json(const sqlite::Query& row, int column) {
  if (row.is_null(column)) return Json();
  auto parsed = Json::parse(row.text_view(column));
  if (!parsed.ok()) return corrupt(fmt::format("\"{}\" holds {}", row.text_view(0), parsed.error().message));
  return parsed;
}

}  // namespace

void bind_item(sqlite::Query& query, const Item& item) {
  const auto& media = item.media;
  query.bind(item.id.value, item.title, item.text, tags_text(item.tags), item.creator, item.url, item.time, item.hidden,
             attributes_text(item.attributes), to_string(media.kind), media.path, media.content_hash,
             media.content_type, media.duration_s, media.has_cover, media.has_preview, tags_text(media.tags));
}

void bind_user(sqlite::Query& query, const User& user) {
  query.bind(user.id.value, user.name, attributes_text(user.attributes));
}

void bind_file(sqlite::Query& query, const ScannedFile& file) {
  query.bind(file.path, file.size, file.modified_ns, file.content_hash, file.item.value);
}

Result<Item> read_item(const sqlite::Query& row) {
  Item item;
  item.id.value = row.text(0);
  item.title = row.text(1);
  item.text = row.text(2);
  ZY_TRY(const auto tags, read_json(row, 3));
  for (const auto& tag : tags.elements()) item.tags.emplace_back(tag.as_string());
  item.creator = row.text(4);
  item.url = row.text(5);
  if (!row.is_null(6)) item.time = row.integer(6);
  item.hidden = row.integer(7) != 0;
  ZY_TRY(item.attributes, read_json(row, 8));
  item.media.kind = media_kind_from(row.text_view(9));
  item.media.path = row.text(10);
  item.media.content_hash = row.text(11);
  item.media.content_type = row.text(12);
  item.media.duration_s = row.real(13);
  item.media.has_cover = row.integer(14) != 0;
  item.media.has_preview = row.integer(15) != 0;
  ZY_TRY(const auto media_tags, read_json(row, 16));
  for (const auto& tag : media_tags.elements()) item.media.tags.emplace_back(tag.as_string());
  return item;
}

Result<User> read_user(const sqlite::Query& row) {
  User user;
  user.id.value = row.text(0);
  user.name = row.text(1);
  ZY_TRY(user.attributes, read_json(row, 2));
  return user;
}

ScannedFile read_file_row(const sqlite::Query& row) {
  return {.path = row.text(0),
          .size = row.integer(1),
          .modified_ns = row.integer(2),
          .content_hash = row.text(3),
          .item = ItemId(row.text_view(4))};
}

Result<std::vector<float>> from_blob(sqlite::Blob blob) {
  return unpack_vector({reinterpret_cast<const char*>(blob.data()), blob.size()});
}

}  // namespace zhiyin
