#include "domain/item.h"

#include <fmt/format.h>

#include <array>

#include "domain/fields.h"

namespace zhiyin {
namespace {

constexpr std::array<std::string_view, 4> kMediaKindNames = {"none", "audio", "video", "image"};

constexpr std::array<std::string_view, 9> kFields = {"id",  "title", "text",   "tags",      "creator",
                                                     "url", "time",  "hidden", "attributes"};
constexpr TextRule kTitle{.max_bytes = 1'000};
constexpr TextRule kText{.max_bytes = 100'000, .lines = true};
constexpr TextRule kTag{.max_bytes = 256};
constexpr TextRule kCreator{.max_bytes = 1'000};
constexpr TextRule kUrl{.max_bytes = 4'096};
constexpr std::size_t kMaxTags = 256;
constexpr std::size_t kMaxAttributeBytes = 65'536;
constexpr UnixSeconds kFarthest =
    100'000'000'000;  // about the year 5100, either way: beyond it, a time is in milliseconds

Result<std::vector<std::string>> read_tags(const Json& json) {
  const auto& value = json["tags"];
  if (!value.is_null() && !value.is_array())
    return invalid(fmt::format("tags is {}: give an array of strings", value.type_name()), "tags");
  if (value.elements().size() > kMaxTags) {
    return invalid(fmt::format("tags has {} entries: at most {} are allowed", value.elements().size(), kMaxTags),
                   "tags");
  }
  std::vector<std::string> tags;
  for (const auto& tag : value.elements()) {
    if (!tag.is_string())
      return invalid(fmt::format("tags contains {}: give an array of strings", tag.type_name()), "tags");
    if (tag.as_string().empty()) return invalid("tags contains an empty string", "tags");
    ZY_CHECK_OK(check_text(tag.as_string(), "tags", kTag));
    tags.emplace_back(tag.as_string());
  }
  return tags;
}

Result<std::optional<UnixSeconds>> read_time(const Json& json) {
  ZY_TRY(const auto time, integer_field(json, "time"));
  if (time.has_value() && (*time > kFarthest || *time < -kFarthest)) {
    return invalid(fmt::format("time is {}: give Unix time in seconds, not milliseconds", *time), "time");
  }
  return time;
}

}  // namespace

std::string_view to_string(MediaKind kind) { return kMediaKindNames[static_cast<std::size_t>(kind)]; }

MediaKind media_kind_from(std::string_view text) {
  for (std::size_t kind = 0; kind < kMediaKindNames.size(); ++kind) {
    if (kMediaKindNames[kind] == text) return static_cast<MediaKind>(kind);
  }
  return MediaKind::kNone;
}

Json to_json(const Item& item) {
  Json::Array tags(item.tags.begin(), item.tags.end());
  return Json::object({
      {"id", item.id.value},
      {"title", item.title},
      {"text", item.text},
      {"tags", std::move(tags)},
      {"creator", item.creator},
      {"url", item.url},
      {"time", item.time.has_value() ? Json(*item.time) : Json()},
      {"hidden", item.hidden},
      {"attributes", item.attributes.is_null() ? Json::object() : item.attributes},
  });
}

Result<Item> item_from_json(const Json& json) {
  Item item;
  ZY_CHECK_OK(check_fields(json, kFields));
  ZY_TRY(item.id.value, id_field(json, "id"));
  return patched(std::move(item), json);
}

Result<Item> patched(Item item, const Json& json) {
  ZY_CHECK_OK(check_fields(json, kFields));
  for (const auto& [name, value] : json.members()) {
    if (name == "id") {
      if (value.as_string() != item.id.value)
        return invalid("id cannot be changed: leave it out, or give the item's own", "id");
    } else if (name == "title") {
      ZY_TRY(item.title, text_field(json, name, kTitle));
    } else if (name == "text") {
      ZY_TRY(item.text, text_field(json, name, kText));
    } else if (name == "tags") {
      ZY_TRY(item.tags, read_tags(json));
    } else if (name == "creator") {
      ZY_TRY(item.creator, text_field(json, name, kCreator));
    } else if (name == "url") {
      ZY_TRY(item.url, text_field(json, name, kUrl));
    } else if (name == "time") {
      ZY_TRY(item.time, read_time(json));
    } else if (name == "hidden") {
      ZY_TRY(const auto hidden, bool_field(json, name));
      item.hidden = hidden.value_or(false);
    } else if (name == "attributes") {
      ZY_TRY(item.attributes, object_field(json, name, kMaxAttributeBytes));
    }
  }
  return item;
}

}  // namespace zhiyin
