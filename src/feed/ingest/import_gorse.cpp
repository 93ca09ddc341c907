// Gorse's own exports: three files of JSON lines, or the binary dump.
//
// The dump is a sequence of int64 (little-endian). A negative one says what follows: -1 users, -2 items, -3 feedback;
// 0 is the end; a positive one is the length of the protobuf message behind it. Their schema is read by its shape, so
// that it may have grown at either end: the members stand in the order of Gorse's JSON, an id may have a namespace
// before it, a time is a message of seconds, labels are JSON.
#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>
#include <map>

#include "base/file.h"
#include "base/gzip.h"
#include "base/lines.h"
#include "base/protobuf.h"
#include "base/rfc3339.h"
#include "feed/ingest/gorse_catalogue.h"
#include "feed/ingest/gorse_feedback.h"
#include "feed/ingest/import.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> kNames = {"users", "items", "feedback"};

enum class Kind { kUser, kItem, kFeedback };

// Where rows go, and how they are understood.
struct Reading {
  const gorse::FeedbackRules& rules;
  UnixSeconds now;
  Imported imported;

  Result<void> take(const Json& row, Kind kind, const std::string& file, std::size_t line) {
    switch (kind) {
      case Kind::kUser: {
        ZY_TRY(auto id, gorse::id_member(row, "UserId"));
        ZY_TRY(auto user, gorse::user_from_gorse(row, User{UserId(std::move(id)), {}, {}}));
        imported.users.push_back(std::move(user));
        return {};
      }
      case Kind::kItem: {
        Item item;
        ZY_TRY(item.id.value, gorse::id_member(row, "ItemId"));
        ZY_TRY(item, gorse::item_from_gorse(row, std::move(item)));
        imported.add_item(std::move(item), file, line);
        return {};
      }
      case Kind::kFeedback: {
        ZY_TRY(const auto feedback, gorse::feedback_from_json(row, now));
        imported.events.push_back(feedback.time > now ? gorse::announcement_of(feedback, 0)
                                                      : event_of(feedback, rules));
        return {};
      }
    }
    return {};
  }

  void note(Result<void> taken, const std::string& file, std::size_t line) {
    if (!taken.ok()) imported.bad.push_back({file, line, std::move(taken).error()});
  }
};

Result<void> take_line(std::string_view line, Reading& reading, const std::string& file, std::size_t number) {
  ZY_TRY(const auto row, Json::parse(line));
  if (!row.is_object()) return invalid(fmt::format("a line holds one JSON object, this one is {}", row.type_name()));
  const auto kind = row.has("FeedbackType") ? Kind::kFeedback : row.has("ItemId") ? Kind::kItem : Kind::kUser;
  return reading.take(row, kind, file, number);
}

// --- The dump.

struct Message {
  std::map<int, std::vector<ProtobufField>> fields;

  [[nodiscard]] const ProtobufField* first(int number) const {
    const auto found = fields.find(number);
    return found == fields.end() ? nullptr : &found->second.front();
  }
  [[nodiscard]] bool is_text(int number) const {
    const auto* field = first(number);
    return field != nullptr && field->wire_type == 2;
  }
  [[nodiscard]] std::string_view text(int number) const { return is_text(number) ? first(number)->bytes : ""; }
};

Result<Message> read_message(std::string_view bytes) {
  Message message;
  for (ProtobufReader reader(bytes); !reader.at_end();) {
    ZY_TRY(auto field, reader.next());
    message.fields[field.number].push_back(field);
  }
  return message;
}

// google.protobuf.Timestamp: seconds (1) and nanoseconds (2), each left out where it is 0. No text is empty here, nor
// begins with the key of one of them.
std::optional<UnixSeconds> time_of(std::string_view bytes) {
  if (bytes.empty() || bytes.starts_with('\x10')) return 0;
  if (!bytes.starts_with('\x08')) return std::nullopt;
  ProtobufReader reader(bytes);
  const auto field = reader.next();
  return field.ok() ? std::optional(static_cast<UnixSeconds>(field->integer)) : std::nullopt;
}

Json labels_of(std::string_view bytes) {
  auto labels = Json::parse(bytes);
  return labels.ok() ? std::move(labels).value() : Json();
}

Error other_fields() {
  return invalid(
      "its fields are not those of the dumps that this program knows: export JSON lines instead (GET /api/bulk/users, "
      "items and feedback of Gorse's dashboard)");
}

Result<Json> user_row(const Message& message) {
  if (!message.is_text(1)) return other_fields();
  return Json::object(
      {{"UserId", message.text(1)}, {"Labels", labels_of(message.text(2))}, {"Comment", message.text(3)}});
}

Result<Json> item_row(const Message& message) {
  const int id = message.is_text(2) ? 2 : 1;  // behind a namespace, or not: nothing but an id is text there
  if (!message.is_text(id)) return other_fields();
  const auto* hidden = message.first(id + 1);
  auto categories = Json::array();
  if (const auto found = message.fields.find(id + 2); found != message.fields.end()) {
    for (const auto& field : found->second) categories.push(field.bytes);
  }
  const auto time = message.is_text(id + 3) ? time_of(message.text(id + 3)) : std::nullopt;
  if (message.is_text(id + 3) && !time) return other_fields();
  return Json::object({{"ItemId", message.text(id)},
                       {"IsHidden", hidden != nullptr && hidden->integer != 0},
                       {"Categories", std::move(categories)},
                       {"Timestamp", time ? to_rfc3339(*time) : ""},
                       {"Labels", labels_of(message.text(id + 4))},
                       {"Comment", message.text(id + 5)}});
}

Result<Json> feedback_row(const Message& message) {
  const auto is_id = [&](int number) { return message.is_text(number) && !time_of(message.text(number)); };
  const int type = is_id(2) && is_id(3) && is_id(4) ? 2 : 1;
  if (!is_id(type) || !is_id(type + 1) || !is_id(type + 2)) return other_fields();
  auto row = Json::object(
      {{"FeedbackType", message.text(type)}, {"UserId", message.text(type + 1)}, {"ItemId", message.text(type + 2)}});
  for (const auto& [number, fields] : message.fields) {
    if (number <= type + 2) continue;
    const auto& field = fields.front();
    if (field.wire_type == 1) row.set("Value", std::bit_cast<double>(field.integer));
    if (field.wire_type == 5) row.set("Value", field.real());
    if (field.wire_type != 2) continue;
    if (const auto time = time_of(field.bytes)) {
      if (!row.has("Timestamp")) row.set("Timestamp", to_rfc3339(*time));  // the next one is Updated
    } else if (auto labels = labels_of(field.bytes); labels.is_object() || labels.is_array()) {
      row.set("Labels", std::move(labels));
    } else if (field.bytes != "null") {
      row.set("Comment", field.bytes);
    }
  }
  return row;
}

Result<void> take_message(std::string_view bytes, Kind kind, Reading& reading, const std::string& file,
                          std::size_t number) {
  ZY_TRY(const auto message, read_message(bytes));
  ZY_TRY(const auto row, kind == Kind::kUser   ? user_row(message)
                         : kind == Kind::kItem ? item_row(message)
                                               : feedback_row(message));
  return reading.take(row, kind, file, number);
}

std::int64_t number_at(std::string_view bytes) {
  std::int64_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

bool is_dump(std::string_view bytes) {
  return bytes.size() >= 8 && number_at(bytes) < 0 && number_at(bytes) >= -static_cast<std::int64_t>(kNames.size());
}

Result<void> take_dump(std::string_view bytes, Reading& reading, const std::string& file) {
  static_assert(std::endian::native == std::endian::little, "the numbers of a dump are little-endian");
  const auto cut_off = [&] { return invalid(fmt::format("{}: the dump is cut off: make it again", file)); };
  std::optional<Kind> kind;
  std::size_t row = 0;
  while (bytes.size() >= 8) {
    const auto number = number_at(bytes);
    bytes.remove_prefix(8);
    if (number == 0) return {};
    if (number < 0) {
      if (-number > static_cast<std::int64_t>(kNames.size()))
        return invalid(fmt::format("{}: the dump has a part of the unknown kind {}", file, number));
      kind = static_cast<Kind>(-number - 1);
      row = 0;
      continue;
    }
    if (!kind || static_cast<std::uint64_t>(number) > bytes.size()) return cut_off();
    const auto message = bytes.substr(0, static_cast<std::size_t>(number));
    bytes.remove_prefix(message.size());
    const auto part = fmt::format("{} ({})", file, kNames[static_cast<std::size_t>(*kind)]);
    ++row;
    reading.note(take_message(message, *kind, reading, part, row), part, row);
  }
  return cut_off();
}

Result<void> take_file(const fs::path& path, Reading& reading) {
  ZY_TRY(const auto bytes, read_text_file(path));
  if (is_dump(bytes)) return take_dump(bytes, reading, path.string());
  for (Lines lines(bytes); const auto line = lines.next();)
    reading.note(take_line(*line, reading, path.string(), lines.number()), path.string(), lines.number());
  return {};
}

}  // namespace

Result<Imported> read_gorse(const fs::path& path, UnixSeconds now, const gorse::FeedbackRules& rules) {
  Reading reading{rules, now, {}};
  if (!fs::is_directory(path)) {
    ZY_CHECK_OK(take_file(path, reading));
    return std::move(reading.imported);
  }
  bool found = false;
  for (const auto name : kNames) {
    for (const auto* ending : {".jsonl", ".jsonl.gz"}) {
      const auto file = path / fmt::format("{}{}", name, ending);
      if (!fs::exists(file)) continue;
      ZY_CHECK_OK(take_file(file, reading));
      found = true;
    }
  }
  if (found) return std::move(reading.imported);
  return not_found(
      fmt::format("{} has none of users.jsonl, items.jsonl and feedback.jsonl: name the folder that Gorse's "
                  "exports are in, or one of the files",
                  path.string()));
}

Result<Imported> read_gorse(const fs::path& path, UnixSeconds now) {
  ZY_TRY(const auto rules, gorse::FeedbackRules::from({}));
  return read_gorse(path, now, rules);
}

}  // namespace zhiyin
