#include "feed/ingest/gorse_catalogue.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/rfc3339.h"
#include "domain/fields.h"

namespace zhiyin::gorse {
namespace {

constexpr UnixSeconds kZeroTime = -62'135'596'800;  // Go's time.Time{}: 0001-01-01T00:00:00Z
constexpr std::size_t kMostTitle = 200;             // bytes of a comment's first line that stand as a title
constexpr std::size_t kMaxAttributeBytes = 65'536;

// One attribute set, replaced, or taken away where the value is null.
Json with_attribute(const Json& attributes, std::string_view name, Json value) {
  auto changed = Json::object();
  for (const auto& [known, kept] : attributes.members()) {
    if (known != name) changed.set(known, kept);
  }
  if (!value.is_null()) changed.set(std::string(name), std::move(value));
  return changed.members().empty() ? Json() : changed;
}

Result<Json> checked_attributes(Json attributes) {
  const auto wrapped = Json::object({{"attributes", std::move(attributes)}});
  return object_field(wrapped, "attributes", kMaxAttributeBytes);
}

// The title that stands for a comment too long, or too many lines, to be one.
std::string title_for(const std::string& comment, const ItemId& id) {
  auto line = comment.substr(0, std::min(comment.find_first_of("\r\n"), kMostTitle));
  while (!line.empty() && !is_utf8(line)) line.pop_back();  // cut inside a character
  std::ranges::replace(line, '\t', ' ');
  return line.empty() ? id.value : line;
}

std::string comment_of(const Item& item) {
  if (!item.text.empty()) return item.text;
  return item.title == item.id.value ? std::string() : item.title;
}

Result<void> set_comment(Item& item, const Json& json) {
  ZY_TRY(auto comment, text_field(json, "Comment", {.max_bytes = 100'000, .lines = true}));
  const bool is_title =
      comment.size() <= kMostTitle && comment != item.id.value && comment.find_first_of("\r\n\t") == std::string::npos;
  if (comment.empty()) {
    item.title = item.id.value;
    item.text.clear();
  } else if (is_title) {
    item.title = std::move(comment);
    item.text.clear();
  } else {
    item.title = title_for(comment, item.id);
    item.text = std::move(comment);
  }
  return {};
}

Result<void> set_time(Item& item, const Json& json) {
  const auto& given = json["Timestamp"];
  if (!given.is_null() && !given.is_string())
    return invalid(fmt::format("Timestamp is {}: give a text like 2022-08-07T00:26:46Z", given.type_name()),
                   "Timestamp");
  item.time.reset();
  if (given.as_string().empty()) return {};
  ZY_TRY(const auto time, from_rfc3339(given.as_string()).in("Timestamp"));
  if (time != kZeroTime) item.time = time;
  return {};
}

// Through the checks of our own field, told under Gorse's name.
Result<void> set_field(Item& item, std::string_view member, std::string_view field, const Json& value) {
  ZY_TRY(item, patched(item, Json::object({{std::string(field), value}})).in(member));
  return {};
}

Result<void> lay_over(Item& item, const Json& json, std::string_view member) {
  if (member == "IsHidden") return set_field(item, member, "hidden", json[member]);
  if (member == "Categories") return set_field(item, member, "tags", json[member]);
  if (member == "Timestamp") return set_time(item, json);
  if (member == "Comment") return set_comment(item, json);
  if (member == "Labels") {
    ZY_TRY(item.attributes, checked_attributes(with_attribute(item.attributes, "labels", json[member])).in(member));
  }
  return {};
}

Result<void> lay_over(User& user, const Json& json, std::string_view member) {
  if (member != "Labels" && member != "Comment") return {};
  const bool labels = member == "Labels";
  if (!labels && !json[member].is_null() && !json[member].is_string())
    return invalid(fmt::format("Comment is {}: give a text", json[member].type_name()), "Comment");
  auto value = !labels && json[member].as_string().empty() ? Json() : json[member];
  ZY_TRY(
      user.attributes,
      checked_attributes(with_attribute(user.attributes, labels ? "labels" : "comment", std::move(value))).in(member));
  return {};
}

Result<void> check_object(const Json& json) {
  if (json.is_object()) return {};
  return invalid(fmt::format("the body is {}: give an object", json.type_name()));
}

}  // namespace

Result<void> check_gorse_id(std::string_view text, std::string_view member) {
  ZY_CHECK_OK(check_id(text, member));
  if (text.find('/') != std::string_view::npos)
    return invalid(fmt::format("{} \"{}\" contains \"/\"", member, text), std::string(member));
  return {};
}

Result<std::string> id_member(const Json& json, std::string_view member) {
  ZY_TRY(auto id, id_field(json, member));
  ZY_CHECK_OK(check_gorse_id(id, member));
  return id;
}

Json to_gorse(const User& user) {
  return Json::object({{"UserId", user.id.value},
                       {"Labels", user.attributes["labels"]},
                       {"Comment", user.attributes["comment"].as_string()}});
}

Json to_gorse(const Item& item) {
  return Json::object({{"ItemId", item.id.value},
                       {"IsHidden", item.hidden},
                       {"Categories", Json::Array(item.tags.begin(), item.tags.end())},
                       {"Timestamp", to_rfc3339(item.time.value_or(kZeroTime))},
                       {"Labels", item.attributes["labels"]},
                       {"Comment", comment_of(item)}});
}

Result<User> user_from_gorse(const Json& json, User known) {
  ZY_CHECK_OK(check_object(json));
  for (const auto* member : {"Labels", "Comment"}) ZY_CHECK_OK(lay_over(known, json, member));
  return known;
}

Result<Item> item_from_gorse(const Json& json, Item known) {
  ZY_CHECK_OK(check_object(json));
  for (const auto* member : {"IsHidden", "Categories", "Timestamp", "Labels", "Comment"})
    ZY_CHECK_OK(lay_over(known, json, member));
  return known;
}

Result<User> user_patched(User user, const Json& json) {
  ZY_CHECK_OK(check_object(json));
  for (const auto& [member, value] : json.members()) {
    if (!value.is_null()) ZY_CHECK_OK(lay_over(user, json, member));
  }
  return user;
}

Result<Item> item_patched(Item item, const Json& json) {
  ZY_CHECK_OK(check_object(json));
  for (const auto& [member, value] : json.members()) {
    if (!value.is_null()) ZY_CHECK_OK(lay_over(item, json, member));
  }
  return item;
}

}  // namespace zhiyin::gorse
