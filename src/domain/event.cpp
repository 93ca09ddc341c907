#include "domain/event.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "domain/fields.h"

namespace zhiyin {
namespace {

constexpr std::array<std::string_view, 8> kFields = {"id",    "type", "user", "item",
                                                     "value", "time", "text", "recommendation"};
constexpr TextRule kText{.max_bytes = 10'000, .lines = true};
constexpr UnixSeconds kDay = 86'400;
constexpr double kMaxStars = 5;
constexpr double kWatchedEnough = 0.1;  // a shorter view is a look in passing

Result<EventType> read_type(const Json& json) {
  const auto& value = json["type"];
  if (!value.is_string()) {
    return invalid(fmt::format("type is {}: give one of {}", value.is_null() ? "missing" : value.type_name(),
                               fmt::join(kEventTypeNames, ", ")),
                   "type");
  }
  if (const auto type = event_type_from(value.as_string())) return *type;
  const auto given = value.as_string().substr(0, 64);
  return invalid(fmt::format("unknown type \"{}\": did you mean \"{}\"? Known are {}", is_utf8(given) ? given : "...",
                             nearest_name(given, kEventTypeNames), fmt::join(kEventTypeNames, ", ")),
                 "type");
}

// An id that may be left out.
Result<std::string> optional_id(const Json& json, std::string_view field) {
  const auto& value = json[field];
  if (value.is_null() || (value.is_string() && value.as_string().empty())) return std::string();
  return id_field(json, field);
}

Result<void> check_value(EventType type, std::optional<double> value) {
  if (type == EventType::kRating) {
    if (!value.has_value()) return invalid("value is missing: a rating needs its stars, 0 to 5", "value");
    if (*value < 0 || *value > kMaxStars)
      return invalid(fmt::format("value is {}: a rating is 0 to 5 stars", *value), "value");
  }
  if (type == EventType::kView && value.has_value() && (*value < 0 || *value > 1)) {
    return invalid(fmt::format("value is {}: a view's value is the share watched, 0 to 1", *value), "value");
  }
  return {};
}

Result<UnixSeconds> read_time(const Json& json, UnixSeconds now) {
  ZY_TRY(const auto time, integer_field(json, "time"));
  if (!time.has_value()) return now;
  if (*time < 0) return invalid(fmt::format("time is {}: give Unix time in seconds, not negative", *time), "time");
  if (*time > now + kDay) {
    return invalid(fmt::format("time is {}, more than a day ahead of now ({}): give Unix time in seconds", *time, now),
                   "time");
  }
  return *time;
}

}  // namespace

std::optional<EventType> event_type_from(std::string_view text) {
  const auto found = std::ranges::find(kEventTypeNames, text);
  if (found == kEventTypeNames.end()) return std::nullopt;
  return static_cast<EventType>(found - kEventTypeNames.begin());
}

Json to_json(const Event& event) {
  auto json = Json::object();
  if (!event.id.empty()) json.set("id", event.id);
  json.set("type", to_string(event.type));
  json.set("user", event.user.value);
  json.set("item", event.item.value);
  if (event.value.has_value()) json.set("value", *event.value);
  json.set("time", event.time);
  if (!event.text.empty()) json.set("text", event.text);
  if (!event.recommendation.empty()) json.set("recommendation", event.recommendation);
  return json;
}

Result<Event> event_from_json(const Json& json, UnixSeconds now) {
  Event event;
  ZY_CHECK_OK(check_fields(json, kFields));
  ZY_TRY(event.id, optional_id(json, "id"));
  ZY_TRY(event.type, read_type(json));
  ZY_TRY(event.user.value, id_field(json, "user"));
  ZY_TRY(event.item.value, id_field(json, "item"));
  ZY_TRY(event.value, number_field(json, "value"));
  ZY_CHECK_OK(check_value(event.type, event.value));
  ZY_TRY(event.time, read_time(json, now));
  ZY_TRY(event.text, text_field(json, "text", kText));
  ZY_TRY(event.recommendation, optional_id(json, "recommendation"));
  return event;
}

double preference(const Event& event) {
  switch (event.type) {
    case EventType::kImpression: return 0;
    case EventType::kClick: return 0.5;
    case EventType::kView: {
      const double watched = event.value.value_or(1);
      return watched < kWatchedEnough ? 0 : watched;
    }
    case EventType::kLike: return 1;
    case EventType::kFavourite: return 1.5;
    case EventType::kFollow: return 1;
    case EventType::kShare: return 1.5;
    case EventType::kRating: {
      const double stars = event.value.value_or(3);
      return stars > 3.5 || stars < 2.5 ? (stars - 3) / 2 : 0;
    }
    case EventType::kComment: return 0.5;
    case EventType::kSkip: return -0.5;
    case EventType::kDislike: return -1;
    case EventType::kPurchase: return 2;
    case EventType::kRetraction: return 0;
  }
  return 0;
}

double later_preference(double before, double now) {
  const bool says_nothing = now == 0;
  const bool both_good = before > 0 && now > 0;
  return says_nothing ? before : both_good ? std::max(before, now) : now;
}

}  // namespace zhiyin
