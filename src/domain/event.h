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
  kMerge,       // what `text` did, a guest, is the user's from here on; of no item
  kRetraction,  // takes back everything the user did with the item before, as if it had not been
};

inline constexpr std::array<std::string_view, 14> kEventTypeNames = {
    "impression", "click",   "view", "like",    "favourite", "follow", "share",
    "rating",     "comment", "skip", "dislike", "purchase",  "merge",  "retraction"};

inline std::string_view to_string(EventType type) { return kEventTypeNames[static_cast<std::size_t>(type)]; }
std::optional<EventType> event_type_from(std::string_view text);

struct Event {
  std::string id;  // given by the sender so that a repeat is recognised; may be empty
  EventType type = EventType::kView;
  UserId user;
  ItemId item;
  std::optional<double> value;  // view: the share watched, 0 to 1; rating: the stars; else a count or an amount
  UnixSeconds time = 0;
  std::string text;            // comment; merge: the guest's user id
  std::string recommendation;  // the slate that showed the item, if one did
  std::string source;          // the source that had put it in the slate (feed/live/outcomes.h), if that is known
};

Json to_json(const Event& event);

// Checks every field; a missing time becomes `now`. Errors carry the field: type, user, item, value, time, text.
// Refused: unknown type, negative time, time more than a day ahead of now, a rating without value or outside 0..5
// stars, a view's value outside 0..1, text over 10,000 bytes, invalid UTF-8, unknown field.
Result<Event> event_from_json(const Json& json, UnixSeconds now);

// What a user thinks of an item after a later event, each as a preference (event_meaning.h): the last opinion stands, and the stronger of two good ones; an
// event that says nothing takes nothing back.
double later_preference(double before, double now);

}  // namespace zhiyin
