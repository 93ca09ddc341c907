// An event: what one user did with one item at one moment. The ordered log of events is the only truth about behaviour.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "domain/ids.h"

namespace zhiyin {

enum class EventType : std::uint8_t {
  kImpression,
  kClick,
  kView,
  kLike,
  kFavourite,
  kFollow,
  kShare,
  kRating,
  kComment,
  kSkip,
  kDislike,
  kPurchase,
  kRetraction,  // takes back everything the user did with the item before, as if it had not been
};

inline constexpr std::array<std::string_view, 13> kEventTypeNames = {
    "impression", "click",   "view", "like",    "favourite", "follow",    "share",
    "rating",     "comment", "skip", "dislike", "purchase",  "retraction"};

inline std::string_view to_string(EventType type) { return kEventTypeNames[static_cast<std::size_t>(type)]; }
std::optional<EventType> event_type_from(std::string_view text);

struct Event {
  std::string id;  // given by the sender so that a repeat is recognised; may be empty
  EventType type = EventType::kView;
  UserId user;
  ItemId item;
  std::optional<double> value;  // view: the share watched, 0 to 1; rating: the stars; else a count or an amount
  UnixSeconds time = 0;
  std::string text;            // comment
  std::string recommendation;  // the slate that showed the item, if one did
};

Json to_json(const Event& event);

// Checks every field; a missing time becomes `now`. Errors carry the field: type, user, item, value, time, text.
// Refused: unknown type, negative time, time more than a day ahead of now, a rating without value or outside 0..5
// stars, a view's value outside 0..1, text over 10,000 bytes, invalid UTF-8, unknown field.
Result<Event> event_from_json(const Json& json, UnixSeconds now);

// How strongly an event speaks for the item: > 0 for, < 0 against, 0 says nothing (an impression).
// view: 0 below a tenth watched, then the watched share (1 where it was not measured); rating: above 3.5 for, below 2.5
// against (five-star scale).
double preference(const Event& event);

// What a user thinks of an item after a later event: the last opinion stands, and the stronger of two good ones; an
// event that says nothing takes nothing back.
double later_preference(double before, double now);

}  // namespace zhiyin
