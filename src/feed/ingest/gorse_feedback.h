// Feedback in Gorse's words, and the events that the log keeps of it (docs/decisions/0007-gorse-in-our-words.md).
//
// A feedback's type is any text, and there is one feedback of a type for each user and item. An event has one of our
// types. What the event cannot say by itself stands in its text as JSON, so that the log alone gives the feedback back
// exactly as it was sent:
//   {"FeedbackType":"read","Value":3,"Comment":..,"Labels":..,"Timestamp":"2022-08-07T00:26:46Z"}
// with only the members that are needed: a plain {"FeedbackType":"like"} is a like without a text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "domain/event.h"

namespace zhiyin::gorse {

struct Feedback {
  std::string type;
  UserId user;
  ItemId item;
  double value = 0;
  UnixSeconds time = 0;
  std::string comment;
  Json labels;
};

// Errors name the member. A missing Timestamp is `now`. kTooLarge where Comment and Labels together do not fit in an
// event's text.
Result<Feedback> feedback_from_json(const Json& json, UnixSeconds now);
Json to_json(const Feedback& feedback);  // with Updated, which repeats Timestamp

// What types of feedback mean, each list with commas between, each entry a name or a condition: "star, read>=3".
struct FeedbackOptions {
  std::string positive = "star";
  std::string read = "read";
  std::string negative;
};

// One condition: the value of feedback of this type stands so to the bound.
struct FeedbackRule {
  enum class Test { kAny, kMore, kAtLeast, kLess, kAtMost, kEqual };
  std::string type;
  Test test = Test::kAny;
  double bound = 0;

  [[nodiscard]] bool holds(const Feedback& feedback) const;
};

// Negative is asked first, then positive, then read. A type that some rule names and none holds for is read. A type
// that no rule names is the event type of that name, if there is one, else read.
class FeedbackRules {
 public:
  // An error names the list and the entry at fault.
  static Result<FeedbackRules> from(const FeedbackOptions& options);

  struct Meaning {
    EventType type = EventType::kView;
    std::optional<double> value;
    bool operator==(const Meaning&) const = default;
  };
  // positive is a like, negative a dislike, read a view of which nothing was watched: seen, and no opinion.
  [[nodiscard]] Meaning meaning(const Feedback& feedback) const;

 private:
  std::vector<FeedbackRule> positive_;
  std::vector<FeedbackRule> read_;
  std::vector<FeedbackRule> negative_;
};

Event event_of(const Feedback& feedback, const FeedbackRules& rules);

// Feedback whose time has not come: an event that says nothing yet (an impression of now) and remembers everything.
Event announcement_of(const Feedback& feedback, UnixSeconds now);

// An event that takes back all feedback of the user on the item.
Event retraction_of(const UserId& user, const ItemId& item, UnixSeconds now);

// The feedback that an event stands for, whoever sent it: one that did not come as feedback has its type's name. Not
// for a retraction.
Feedback feedback_of(const Event& event);

}  // namespace zhiyin::gorse
